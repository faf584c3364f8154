"""Keep a form that came too late, so that nobody types it twice: sealed, in the browser that sent it.

A session may end while somebody writes, or be too old for what is grave. The form is kept when it
was made for that session and is small; it goes on only for the same customer, after signing in, and
only when they press a button: keeping it has changed nothing. What is larger is not kept, and the
page to sign in says that nothing was changed.
Source: portal note, 7; docs/formats.md, 13.
"""

from dataclasses import dataclass, replace
from typing import Final

from portal import guard
from portal.answers import Answer, Cookie, Document, Stream
from portal.cookies import MAX_KEPT
from portal.forms import Form
from vault.core import canonical
from vault.core.errors import ConflictError, ForbiddenError
from vault.core.ids import CustomerId
from vault.crypto.tokens import open_form, seal_form
from vault.services.deps import Deps
from vault.services.session import Session

LIFE: Final = 1_800  # seconds


@dataclass(frozen=True, slots=True)
class Kept:
    """A form as it was sent, without the token of its session."""

    path: str
    pairs: tuple[tuple[str, str], ...]


def keep(deps: Deps, owner: Session, *, path: str, form: Form) -> str:
    """Return what the cookie holds; "" for a form that is not this session's, empty or too large."""
    try:
        guard.check_form(form, secret=owner.token, path=path)
    except ForbiddenError:
        return ""
    pairs = [list(pair) for pair in form.pairs if pair[0] != "csrf"]
    if not pairs:
        return ""
    at = int(deps.clock.now().timestamp())
    content = canonical.dumps({"path": path, "at": at, "pairs": pairs})
    text = seal_form(deps.keys.service("sessions"), owner.customer, content)
    return text if len(text) <= MAX_KEPT else ""


def open_(deps: Deps, customer: CustomerId, text: str) -> Kept | None:
    """Return a kept form; None for another customer's, one that is too old, and none at all."""
    try:
        content = canonical.loads(open_form(deps.keys.service("sessions"), customer, text))
    except ConflictError:
        return None
    if deps.clock.now().timestamp() - content["at"] > LIFE:
        return None
    return Kept(content["path"], tuple((name, value) for name, value in content["pairs"]))


def settled(answer: Answer) -> Answer:
    """Return an answer that takes the kept form away: its owner has sent one since."""
    if isinstance(answer, Document | Stream) or any(one.jar == "kept" for one in answer.cookies):
        return answer
    return replace(answer, cookies=(*answer.cookies, Cookie("kept", "")))
