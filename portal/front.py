"""Lead one request through the portal: guard, session, handler, page. The only ASGI of the portal.

1. Only the methods that the way knows.
2. An unsafe one must come from a page of ours, and its form is read, before anything else.
3. The session is read from the primary; who may not come is led to sign in, or told that nothing
   is here.
4. The form's token must be of this session and path.
5. The handler answers or raises; the answer becomes bytes, with the headers of its kind.

Who visits, what a page is framed by and where one signs in is for the two doors: `door.py` lets
customers in, `console/door.py` staff. Nothing that goes wrong leaves as more than a page with a
reference.
Source: portal note, 7 and 10.
"""

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, Protocol, TypeVar
from urllib.parse import quote

import structlog

from policies.model import Rulebook
from portal import client, cookies, forms, guard, headers, language, problems
from portal.answers import Answer, Cookie, Document, Go, Jar, Page, Stream
from portal.cookies import Cookies
from portal.forms import Form
from portal.frame import Frame, Publisher, Switch, publisher_of
from portal.handed import handed
from portal.render import render
from vault.core.errors import NotSignedInError, RefusedError, VaultError
from vault.services.deps import Deps

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

_HTML: Final = "text/html; charset=utf-8"

logger = structlog.get_logger()


class Signed(Protocol):
    """A session: forms are bound to its token."""

    @property
    def token(self) -> str:
        """Return the secret; it is never stored and never shown."""


S = TypeVar("S", bound=Signed)
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Way(Generic[V]):
    """A path, what it answers to GET and to POST, and who may come."""

    path: str
    get: Callable[[V], Awaitable[Answer]] | None = None
    post: Callable[[V], Awaitable[Answer]] | None = None
    signed_in: bool = True
    asks_in: bool = False  # needs nobody signed in: its forms are bound to a cookie of their own
    fresh: bool = False  # only minutes after signing in: what is grave
    open_post: bool = False  # its POST needs no page of ours: RFC 8058
    leaves: bool = False  # its POST ends the session; without one there is nothing to protect
    unbound: bool = False  # without a session its POST sets a cookie of the browser, no more
    wordless: bool = False  # says nothing in any language
    max_form: int = forms.MAX_FORM  # bytes of its form, as it is sent

    @property
    def methods(self) -> str:
        """Return what stands in `Allow`."""
        found = ["GET", "HEAD"] if self.get else []
        return ", ".join([*found, "POST"] if self.post else found)


@dataclass(frozen=True, slots=True)
class Came(Generic[S]):
    """What is known of a request before its handler runs."""

    path: str
    request_id: str
    session: S | None = None
    browser: str | None = None  # the secret of forms before sign-in
    unsafe: bool = False  # whether it may change something
    rulebook: Rulebook | None = None  # the code in force; None before there is one
    lang: str = "en"
    asked: str = ""  # the language that the address asks for
    here: str = "/"  # the address of this page; "/" for what only takes forms


class Front(ABC, Generic[S, V]):
    """Serve one way as an ASGI application."""

    browser_jar: Jar = "browser"  # the cookie that forms are bound to before sign-in
    language_path = "/language"  # takes the choice of a language

    def __init__(self, way: Way[V], deps: Deps, *, proxies: Sequence[client.Network]) -> None:
        """Keep the way; `proxies` are those whose X-Forwarded-For counts."""
        self.way = way
        self._deps = deps
        self._proxies = proxies
        self._https = deps.issuer.startswith("https:")

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request."""
        method: str = scope["method"]
        unsafe = method not in guard.SAFE
        found = dict(scope["headers"])
        sent = cookies.read(found.get(b"cookie", b""), https=self._https)
        came = await self._arrived(scope, found, sent)
        handler = (self.way.post if method == "POST" else None) if unsafe else self.way.get
        if handler is None:
            status = 405 if self.way.methods else 404
            return await self._finish(send, scope, came, self._problem(status, came))
        form = Form()
        try:
            if unsafe:
                form = await self._receive(found, receive)
        except VaultError as error:
            return await self._finish(send, scope, came, self._refused(error, came))
        try:
            came = await self._recognise(came, sent, found)
            led = await self._lead(came, sent, form if unsafe else None)
            if led is None and unsafe and self._guarded(came):
                guard.check_form(form, secret=self._secret(came), path=came.path)
            answer = led or await handler(self._visit(scope, found, came, sent, form))
            if unsafe and led is None:
                answer = self._settled(answer, came, sent)
        except NotSignedInError:
            answer = self._to_sign_in(came)
        except VaultError as error:
            answer = self._refused(error, came)
        except Exception as error:  # noqa: BLE001  no detail leaves, and none is logged
            logger.error("unhandled", error=type(error).__name__, request=came.request_id)
            answer = self._problem(500, came)
        return await self._finish(send, scope, came, answer, sent=sent)

    async def _arrived(self, scope: Message, found: dict[bytes, bytes], sent: Cookies) -> Came[S]:
        book = None if self.way.wordless else await self._in_force()
        asked, here = language.of_address(scope["path"], scope["query_string"].decode("latin-1"))
        return Came(
            path=scope["path"],
            request_id=scope.get("state", {}).get("request_id", ""),
            unsafe=scope["method"] not in guard.SAFE,
            rulebook=book,
            lang=language.choose(
                language.offered(book),
                asked=asked,
                cookie=sent.lang or "",
                accepted=found.get(b"accept-language", b"").decode("latin-1"),
            ),
            asked=asked,
            here=here if self.way.get else "/",
        )

    async def _in_force(self) -> Rulebook | None:
        try:
            async with self._deps.database.connect() as conn:
                return await self._deps.codes.in_force(conn, self._deps.clock.now())
        except VaultError:
            return None  # no code yet, or no database: pages say what they can

    async def _receive(self, found: dict[bytes, bytes], receive: Receive) -> Form:
        """Read the form; what the outer guard raises through `receive` is its own and passes by."""
        if self.way.open_post:
            await forms.skip(receive)
            return Form()
        guard.check_origin(found, issuer=self._deps.issuer)
        kind = found.get(b"content-type", b"")
        return await forms.receive(kind, receive, max_bytes=self.way.max_form)

    @abstractmethod
    async def _recognise(self, came: Came[S], sent: Cookies, found: dict[bytes, bytes]) -> Came[S]:
        """Return the request with who sent it."""

    @abstractmethod
    async def _lead(self, came: Came[S], sent: Cookies, form: Form | None) -> Go | None:
        """Return where a visitor must sign in first; None for one who may come.

        `form` is what was sent, None where nothing was.

        Raises:
            NotAvailableError: nothing is here for this visitor.
        """

    @abstractmethod
    def _visit(
        self, scope: Message, found: dict[bytes, bytes], came: Came[S], sent: Cookies, form: Form
    ) -> V:
        """Return the request as a handler sees it."""

    @abstractmethod
    def _to_sign_in(self, came: Came[S]) -> Go:
        """Return where to sign in."""

    @abstractmethod
    def _frame(self, here: str, came: Came[S]) -> Frame:
        """Return what surrounds the page; it never fails."""

    def _publisher(self, came: Came[S]) -> Publisher | None:
        book = came.rulebook
        return publisher_of(book, came.lang, since=self._deps.codes.since(book)) if book else None

    def _switch(self, came: Came[S]) -> Switch:
        csrf = guard.csrf(came.session.token, self.language_path) if came.session else ""
        return Switch(language.offered(came.rulebook), came.here, csrf, self.language_path)

    @abstractmethod
    def _back(self, came: Came[S]) -> str:
        """Return where an error page leads back to."""

    def _settled(self, answer: Answer, came: Came[S], sent: Cookies) -> Answer:  # noqa: ARG002
        """Return the answer to a form that was acted on."""
        return answer

    def _guarded(self, came: Came[S]) -> bool:
        if self.way.leaves or self.way.unbound:
            return came.session is not None
        return not self.way.open_post

    def _secret(self, came: Came[S]) -> str | None:
        """Return what forms are bound to: the session, or the cookie that stands for it before."""
        if self.way.asks_in or came.session is None:
            return came.browser
        return came.session.token

    def _refused(self, error: VaultError, came: Came[S]) -> Page:
        status = problems.status_of(error)
        said = error.detail if isinstance(error, RefusedError) else ""
        if status >= 500:
            logger.error("refused", code=error.code, request=came.request_id)
        return self._problem(status, came, retry=problems.retry_of(error), said=said)

    def _problem(self, status: int, came: Came[S], *, retry: int = 0, said: str = "") -> Page:
        page = problems.page(
            status, came.lang, reference=came.request_id, back=self._back(came), said=said
        )
        return Page("error.html", page, status=status, retry=retry)

    async def _finish(
        self,
        send: Send,
        scope: Message,
        came: Came[S],
        answer: Answer,
        *,
        sent: Cookies | None = None,
    ) -> None:
        made = list(headers.headers(_kind(answer), https=self._https))
        status, body = 303, b""
        set_now: tuple[Cookie, ...] = ()
        if isinstance(answer, Document | Stream):
            status, body, more = handed(answer, dict(scope["headers"]))
            made.extend(more)
        elif isinstance(answer, Go):
            made.append((b"location", quote(answer.to, safe="/?&=#:%").encode()))
            set_now = answer.cookies
        else:
            status, body = self._shown(answer, came)
            made.append((b"content-type", _HTML.encode()))
            made.extend(headers.in_language(came.lang))
            set_now = answer.cookies
            if answer.leads_to:
                made.append((b"refresh", f"0; url={answer.leads_to}".encode("ascii")))
            if answer.retry:
                made.append((b"retry-after", str(answer.retry).encode()))
        if status == 405:
            made.append((b"allow", self.way.methods.encode()))
        if came.browser and sent and not sent.of(self.browser_jar):
            set_now = (*set_now, Cookie(self.browser_jar, came.browser))
        made.extend((b"set-cookie", cookies.write(one, https=self._https)) for one in set_now)
        length = answer.length if isinstance(answer, Stream) else len(body)
        # Not with 304, whose length would be that of what is not sent, nor where nobody knows it
        # yet: then the server sends chunks, and marks the last.
        if status != 304 and length is not None:
            made.append((b"content-length", str(length).encode()))
        await send({"type": "http.response.start", "status": status, "headers": made})
        if isinstance(answer, Stream) and scope.get("state", {}).get("method") != "HEAD":
            # An error in here ends the connection before the promised length, or without the last
            # chunk: no half file passes.
            async for piece in answer.pieces:
                await send({"type": "http.response.body", "body": piece, "more_body": True})
        whole = b"" if scope["method"] == "HEAD" else body
        await send({"type": "http.response.body", "body": whole})

    def _shown(self, answer: Page, came: Came[S]) -> tuple[int, bytes]:
        frame = self._frame(answer.here, came)
        try:
            return answer.status, render(answer.template, answer.page, frame).encode()
        except Exception as error:  # noqa: BLE001  a template's defect is a 500 like any other
            logger.error("unhandled", error=type(error).__name__, request=came.request_id)
            page = self._problem(500, came)
            return 500, render(page.template, page.page, frame).encode()


def _kind(answer: Answer) -> headers.Kind:
    return answer.kind if isinstance(answer, Document) else "page"
