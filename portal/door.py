"""Let customers in: their session, a form that came too late, the frame of their pages.

A way that needs a session sends others to sign in, and what they sent is kept for them, sealed, when
it is small (`late.py`). How a request is led is `front.py`.
Source: portal note, 7 and 10.
"""

from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import parse_qsl, quote

from portal import client, front, guard, language, late
from portal.answers import Answer, Cookie, Go
from portal.cookies import Cookies
from portal.forms import Form
from portal.frame import Frame, Visitor
from portal.front import Message
from portal.visit import Visit
from portal.words import moment
from vault.crypto.random import token
from vault.services import gpc, portal_choice, session
from vault.services.session import Session

__all__ = ["Door", "Way"]

Came = front.Came[Session]
_GPC: Final = b"sec-gpc"


@dataclass(frozen=True, slots=True)
class Way(front.Way[Visit]):
    """One way of the customers' portal."""


class Door(front.Front[Session, Visit]):
    """Serve one way of the customers' portal."""

    async def _recognise(self, came: Came, sent: Cookies, found: dict[bytes, bytes]) -> Came:
        known = await session.check(self._deps, sent.session) if sent.session else None
        browser = sent.browser or (token() if self.way.asks_in else None)
        if known and self.way.signed_in and not came.unsafe and found.get(_GPC) == b"1":
            # The one thing that looking changes: the signal has no other way to arrive.
            await gpc.heed(self._deps, known.customer, request=came.request_id)
        lang, languages = came.lang, language.offered(came.rulebook)
        if known and len(languages) > 1:
            saved = await portal_choice.lang(self._deps, known.customer)
            lang = language.choose(languages, asked=came.asked, saved=saved, cookie=lang)
        return replace(came, session=known, browser=browser, lang=lang)

    async def _lead(self, came: Came, sent: Cookies, form: Form | None) -> Go | None:
        if came.session is None and self.way.signed_in:
            if form is None:
                return self._to_sign_in(came)
            over = await session.check_over(self._deps, sent.session) if sent.session else None
            kept = self._keep(over, came, form)
            return Go("/sign-in?late=kept" if kept else "/sign-in?late=1", kept)
        if self.way.fresh and came.session and not session.is_fresh(self._deps, came.session):
            kept = self._keep(came.session, came, form) if form else ()
            return Go(f"/sign-in?fresh=1&next={quote(came.path)}", kept)
        return None

    def _keep(self, owner: Session | None, came: Came, form: Form) -> tuple[Cookie, ...]:
        if owner is None or self.way.asks_in:
            return ()
        text = late.keep(self._deps, owner, path=came.path, form=form)
        return (Cookie("kept", text),) if text else ()

    def _settled(self, answer: Answer, came: Came, sent: Cookies) -> Answer:
        return (
            late.settled(answer) if came.session and sent.kept and not self.way.asks_in else answer
        )

    def _to_sign_in(self, came: Came) -> Go:
        return Go(f"/sign-in?next={quote(came.path)}")

    def _back(self, came: Came) -> str:
        return "/home" if came.session else "/"

    def _visit(
        self, scope: Message, found: dict[bytes, bytes], came: Came, sent: Cookies, form: Form
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
            lang=came.lang,
            now=self._deps.clock.now(),
        )

    def _frame(self, here: str, came: Came) -> Frame:
        visitor = None
        if came.session:
            before = came.session.previous_at
            visitor = Visitor(
                out_csrf=guard.csrf(came.session.token, "/sign-out"),
                leave_csrf=guard.csrf(came.session.token, "/leave"),
                last_sign_in=moment(before, came.lang) if before else None,
            )
        return Frame(came.lang, here, self._publisher(came), visitor, self._switch(came))
