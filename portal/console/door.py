"""Let staff in: a session and a cookie of their own, and only to what their role may.

A way names the right that its pages need, and the one that its forms need. What a role may not see
is not there: 404, as for an address that never was. Services ask for the right again.
Source: security note, 8; portal note, 7 and 8.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import parse_qsl, quote

from portal import client, front, guard
from portal.answers import Go, Jar
from portal.console.frame import ConsoleFrame, Entry, StaffVisitor
from portal.console.visit import StaffVisit
from portal.cookies import Cookies
from portal.forms import Form
from portal.front import Message
from portal.language import translate
from portal.words import moment
from vault.core.errors import NotAvailableError
from vault.core.staff import Right
from vault.crypto.random import token
from vault.services import staff_session
from vault.services.deps import Deps
from vault.services.staff_session import StaffSession

SIGN_IN: Final = "/console/sign-in"
HOME: Final = "/console"
Came = front.Came[StaffSession]


@dataclass(frozen=True, slots=True)
class ConsoleWay(front.Way[StaffVisit]):
    """One way of the console."""

    right: Right | None = None  # to look; None: whoever is signed in
    post_right: Right | None = None  # to send its form; None: the same as to look
    entry: str = ""  # of the menu; "" for a page that none leads to
    about: str = ""  # what the entry is for, in a sentence

    def opens_to(self, session: StaffSession, *, unsafe: bool) -> bool:
        """Say whether a role may come this way."""
        right = (self.post_right or self.right) if unsafe else self.right
        return right is None or session.may(right)


class ConsoleDoor(front.Front[StaffSession, StaffVisit]):
    """Serve one way of the console."""

    browser_jar: Jar = "staff_browser"
    language_path = "/console/language"
    way: ConsoleWay

    def __init__(
        self,
        way: ConsoleWay,
        deps: Deps,
        *,
        proxies: Sequence[client.Network],
        ways: Sequence[ConsoleWay] = (),
    ) -> None:
        """Keep the way, and all ways, of which the menu is made."""
        super().__init__(way, deps, proxies=proxies)
        self._ways = ways

    async def _recognise(self, came: Came, sent: Cookies, found: dict[bytes, bytes]) -> Came:  # noqa: ARG002
        known = await staff_session.check(self._deps, sent.staff) if sent.staff else None
        browser = sent.staff_browser or (token() if self.way.asks_in else None)
        return replace(came, session=known, browser=browser)

    async def _lead(self, came: Came, sent: Cookies, form: Form | None) -> Go | None:  # noqa: ARG002
        if came.session is None:
            if not self.way.signed_in:
                return None
            return Go(f"{SIGN_IN}?late=1") if form is not None else self._to_sign_in(came)
        if self.way.signed_in and not self.way.opens_to(came.session, unsafe=came.unsafe):
            raise NotAvailableError
        if self.way.fresh and not staff_session.is_fresh(self._deps, came.session):
            return Go(f"{SIGN_IN}?fresh=1&next={quote(came.path)}")
        return None

    def _menu(self, session: StaffSession, lang: str) -> tuple[Entry, ...]:
        """Return the entries that a member's role may open, in the order of the ways."""
        return tuple(
            Entry(way.path, translate(lang, way.entry), translate(lang, way.about))
            for way in self._ways
            if way.entry and way.opens_to(session, unsafe=False)
        )

    def _to_sign_in(self, came: Came) -> Go:
        return Go(f"{SIGN_IN}?next={quote(came.path)}")

    def _back(self, came: Came) -> str:  # noqa: ARG002
        return HOME

    def _visit(
        self, scope: Message, found: dict[bytes, bytes], came: Came, sent: Cookies, form: Form
    ) -> StaffVisit:
        peer = scope["client"][0] if scope.get("client") else ""
        query = scope["query_string"].decode("latin-1")
        return StaffVisit(
            deps=self._deps,
            path=came.path,
            params=scope.get("path_params", {}),
            query=dict(parse_qsl(query, keep_blank_values=True)),
            form=form,
            session=came.session,
            secret=self._secret(came),
            asked=sent.staff_asked,
            address=client.address(peer, found.get(b"x-forwarded-for", b""), proxies=self._proxies),
            device=client.device(found.get(b"user-agent", b"")),
            request_id=came.request_id,
            lang=came.lang,
            now=self._deps.clock.now(),
        )

    def _frame(self, here: str, came: Came) -> ConsoleFrame:
        visitor = None
        if came.session:
            before, member = came.session.previous_at, came.session.member
            visitor = StaffVisitor(
                out_csrf=guard.csrf(came.session.token, "/console/sign-out"),
                leave_csrf="",
                last_sign_in=moment(before, came.lang) if before else None,
                name=member.name,
                handle=member.handle,
                role=member.role.value,
                menu=self._menu(came.session, came.lang),
            )
        return ConsoleFrame(came.lang, here, self._publisher(came), visitor, self._switch(came))
