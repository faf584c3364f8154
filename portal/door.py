"""Lead one request through the front: guard, session, handler, page. The only ASGI of the portal.

1. Only the methods that the way knows.
2. An unsafe one must come from a page of ours, and its form is read, before anything else.
3. The session is read from the primary; a way that needs one sends others to sign in, and what
   they sent is kept for them, sealed, when it is small (`late.py`).
4. The form's token must be of this session and path.
5. The handler answers or raises; the answer becomes bytes, with the headers of its kind.

Nothing that goes wrong leaves as more than a page with a reference.
Source: portal note, 7 and 10.
"""

from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qsl, quote

import structlog

from portal import client, cookies, forms, guard, headers, late, problems
from portal.answers import Answer, Cookie, Document, Go, Page, Stream
from portal.forms import Form
from portal.frame import Frame, Visitor, publisher_of
from portal.render import render
from portal.visit import Visit
from portal.words import moment
from vault.core.errors import NotSignedInError, RefusedError, VaultError
from vault.crypto.random import token
from vault.services import gpc, session
from vault.services.deps import Deps
from vault.services.session import Session

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Handler = Callable[[Visit], Awaitable[Answer]]

LANG: Final = "en"  # the one language that is offered
_GPC: Final = b"sec-gpc"
_HTML: Final = "text/html; charset=utf-8"

logger = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Way:
    """A path, what it answers to GET and to POST, and who may come."""

    path: str
    get: Handler | None = None
    post: Handler | None = None
    signed_in: bool = True
    asks_in: bool = False  # needs nobody signed in: its forms are bound to a cookie of their own
    fresh: bool = False  # only minutes after signing in: exports, erasing, ways in
    open_post: bool = False  # its POST needs no page of ours: RFC 8058
    leaves: bool = False  # its POST ends the session; without one there is nothing to protect
    max_form: int = forms.MAX_FORM  # bytes of its form, as it is sent

    @property
    def methods(self) -> str:
        """Return what stands in `Allow`."""
        found = ["GET", "HEAD"] if self.get else []
        return ", ".join([*found, "POST"] if self.post else found)


@dataclass(frozen=True, slots=True)
class _Came:
    """What is known of a request before its handler runs."""

    path: str
    request_id: str
    session: Session | None = None
    browser: str | None = None  # the secret of forms before sign-in


class Door:
    """Serve one way as an ASGI application."""

    def __init__(self, way: Way, deps: Deps, *, proxies: Sequence[client.Network]) -> None:
        """Keep the way; `proxies` are those whose X-Forwarded-For counts."""
        self.way = way
        self._deps = deps
        self._proxies = proxies
        self._https = deps.issuer.startswith("https:")

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request."""
        method: str = scope["method"]
        came = _Came(scope["path"], scope.get("state", {}).get("request_id", ""))
        found = dict(scope["headers"])
        unsafe = method not in guard.SAFE
        handler = (self.way.post if method == "POST" else None) if unsafe else self.way.get
        if handler is None:
            status = 405 if self.way.methods else 404
            return await self._finish(send, scope, came, self._problem(status, came))
        form = Form()
        try:
            if unsafe:
                if not self.way.open_post:
                    guard.check_origin(found, issuer=self._deps.issuer)
                # What the outer guard raises through `receive` is its own and passes by here.
                if self.way.open_post:
                    await forms.skip(receive)
                else:
                    form = await forms.receive(
                        found.get(b"content-type", b""), receive, max_bytes=self.way.max_form
                    )
        except VaultError as error:
            return await self._finish(send, scope, came, self._refused(error, came))
        sent = cookies.read(found.get(b"cookie", b""), https=self._https)
        try:
            came = await self._recognise(came, sent)
            if came.session and self.way.signed_in and method == "GET" and found.get(_GPC) == b"1":
                # The one thing that looking changes: the signal has no other way to arrive.
                await gpc.heed(self._deps, came.session.customer, request=came.request_id)
            led = await self._led_to_sign_in(came, sent, form if unsafe else None)
            if led is None and unsafe and self._guarded(came):
                guard.check_form(form, secret=self._secret(came), path=came.path)
            answer = led or await handler(self._visit(scope, found, came, sent, form))
            if unsafe and came.session and sent.kept and not self.way.asks_in and led is None:
                answer = late.settled(answer)
        except NotSignedInError:
            answer = Go(_to_sign_in(came.path))
        except VaultError as error:
            answer = self._refused(error, came)
        except Exception as error:  # noqa: BLE001  no detail leaves, and none is logged
            logger.error("unhandled", error=type(error).__name__, request=came.request_id)
            answer = self._problem(500, came)
        return await self._finish(send, scope, came, answer, sent=sent)

    async def _recognise(self, came: _Came, sent: cookies.Cookies) -> _Came:
        found = await session.check(self._deps, sent.session) if sent.session else None
        browser = sent.browser or (token() if self.way.asks_in else None)
        return _Came(came.path, came.request_id, found, browser)

    async def _led_to_sign_in(
        self, came: _Came, sent: cookies.Cookies, form: Form | None
    ) -> Go | None:
        """Return where a visitor must sign in first, or again; None for one who may come.

        `form` is what was sent, None where nothing was.
        """
        if came.session is None and self.way.signed_in:
            if form is None:
                return Go(_to_sign_in(came.path))
            over = await session.check_over(self._deps, sent.session) if sent.session else None
            kept = self._keep(over, came, form)
            return Go("/sign-in?late=kept" if kept else "/sign-in?late=1", kept)
        if self.way.fresh and came.session and not session.is_fresh(self._deps, came.session):
            kept = self._keep(came.session, came, form) if form else ()
            return Go(f"/sign-in?fresh=1&next={quote(came.path)}", kept)
        return None

    def _keep(self, owner: Session | None, came: _Came, form: Form) -> tuple[Cookie, ...]:
        if owner is None or self.way.asks_in:
            return ()
        text = late.keep(self._deps, owner, path=came.path, form=form)
        return (Cookie("kept", text),) if text else ()

    def _guarded(self, came: _Came) -> bool:
        return not self.way.open_post and not (self.way.leaves and came.session is None)

    def _secret(self, came: _Came) -> str | None:
        """Return what forms are bound to: the session, or the cookie that stands for it before."""
        if self.way.asks_in or came.session is None:
            return came.browser
        return came.session.token

    def _visit(
        self,
        scope: Message,
        found: dict[bytes, bytes],
        came: _Came,
        sent: cookies.Cookies,
        form: Form,
    ) -> Visit:
        peer = scope["client"][0] if scope.get("client") else ""
        query = scope["query_string"].decode("latin-1")
        return Visit(
            deps=self._deps,
            path=came.path,
            params=scope.get("path_params", {}),
            query=dict(parse_qsl(query, keep_blank_values=True)),
            form=form,
            session=came.session,
            secret=self._secret(came),
            asked=sent.asked,
            wish=sent.wish or "",
            joining=sent.joining or "",
            kept=sent.kept or "",
            address=client.address(peer, found.get(b"x-forwarded-for", b""), proxies=self._proxies),
            device=client.device(found.get(b"user-agent", b"")),
            request_id=came.request_id,
            lang=LANG,
            now=self._deps.clock.now(),
        )

    def _refused(self, error: VaultError, came: _Came) -> Page:
        status = problems.status_of(error)
        said = error.detail if isinstance(error, RefusedError) else ""
        if status >= 500:
            logger.error("refused", code=error.code, request=came.request_id)
        return self._problem(status, came, retry=problems.retry_of(error), said=said)

    def _problem(self, status: int, came: _Came, *, retry: int = 0, said: str = "") -> Page:
        signed_in = came.session is not None
        page = problems.page(
            status, LANG, reference=came.request_id, signed_in=signed_in, said=said
        )
        return Page("error.html", page, status=status, retry=retry)

    async def _finish(
        self,
        send: Send,
        scope: Message,
        came: _Came,
        answer: Answer,
        *,
        sent: cookies.Cookies | None = None,
    ) -> None:
        made = list(headers.headers(_kind(answer), https=self._https))
        status, body, length = 303, b"", 0
        set_now: tuple[Cookie, ...] = ()
        if isinstance(answer, Document | Stream):
            made.append((b"content-type", answer.media_type.encode()))
            if answer.filename:
                name = f'attachment; filename="{answer.filename}"'
                made.append((b"content-disposition", name.encode()))
        if isinstance(answer, Document):
            status, body = answer.status, answer.body
        elif isinstance(answer, Stream):
            status, length = 200, answer.length
        elif isinstance(answer, Go):
            made.append((b"location", quote(answer.to, safe="/?&=#:%").encode()))
            set_now = answer.cookies
        else:
            status, body = await self._shown(answer, came)
            made.append((b"content-type", _HTML.encode()))
            set_now = answer.cookies
            if answer.leads_to:
                made.append((b"refresh", f"0; url={answer.leads_to}".encode("ascii")))
            if answer.retry:
                made.append((b"retry-after", str(answer.retry).encode()))
        if status == 405:
            made.append((b"allow", self.way.methods.encode()))
        if came.browser and sent and not sent.browser:
            set_now = (*set_now, Cookie("browser", came.browser))
        made.extend((b"set-cookie", cookies.write(one, https=self._https)) for one in set_now)
        made.append((b"content-length", str(length or len(body)).encode()))
        await send({"type": "http.response.start", "status": status, "headers": made})
        if isinstance(answer, Stream):
            # An error in here ends the connection before the promised length: no half file passes.
            async for piece in answer.pieces:
                await send({"type": "http.response.body", "body": piece, "more_body": True})
        whole = b"" if scope["method"] == "HEAD" else body
        await send({"type": "http.response.body", "body": whole})

    async def _shown(self, answer: Page, came: _Came) -> tuple[int, bytes]:
        frame = await self._frame(answer.here, came)
        try:
            return answer.status, render(answer.template, answer.page, frame).encode()
        except Exception as error:  # noqa: BLE001  a template's defect is a 500 like any other
            logger.error("unhandled", error=type(error).__name__, request=came.request_id)
            page = self._problem(500, came)
            return 500, render(page.template, page.page, frame).encode()

    async def _frame(self, here: str, came: _Came) -> Frame:
        visitor = None
        if came.session:
            before = came.session.previous_at
            visitor = Visitor(
                out_csrf=guard.csrf(came.session.token, "/sign-out"),
                leave_csrf=guard.csrf(came.session.token, "/leave"),
                last_sign_in=moment(before, LANG) if before else None,
            )
        try:
            async with self._deps.database.connect() as conn:
                rulebook = await self._deps.codes.in_force(conn, self._deps.clock.now())
        except VaultError:  # no code yet, or no database: the page says what it can
            return Frame(LANG, here, None, visitor)
        since = self._deps.codes.since(rulebook)
        return Frame(LANG, here, publisher_of(rulebook, LANG, since=since), visitor)


def _to_sign_in(path: str) -> str:
    return f"/sign-in?next={quote(path)}"


def _kind(answer: Answer) -> headers.Kind:
    return answer.kind if isinstance(answer, Document) else "page"
