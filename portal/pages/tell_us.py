"""Let customers tell the business something: thanks, a wish, a complaint.

Which kinds there are is for the code of ethics to say, and by when somebody answers. A form carries
the id of what it makes, so that one that is sent twice makes it once. What was typed comes back with
what is wrong.
Source: portal note, 2.
"""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from policies.durations import Duration
from policies.model import InteractionKind
from portal.answers import Go, Page
from portal.language import N_, translate
from portal.pages.requests import Typed, shown, wrong_words
from portal.visit import Visit
from portal.words import Moment, day
from vault.core.errors import NotAvailableError, WrongValueError
from vault.services import jobs, own_event, published, request_row

HERE: Final = "/tell-us"
_MENU: Final = "/home"  # entry of the menu that the page belongs to
_NO_KIND: Final = N_("Choose what it is.")


@dataclass(frozen=True, slots=True)
class KindChoice:
    """One kind of contact that customers may write."""

    id: str
    label: str
    why: str
    due: Moment | None  # by when somebody answers; None where nothing has to follow
    chosen: bool


@dataclass(frozen=True, slots=True)
class TellPage:
    """Everything of `/tell-us`."""

    title: str
    told: bool  # it was noted
    kinds: tuple[KindChoice, ...]
    wrong_kind: str
    typed: Typed


class _Tell(BaseModel):
    model_config = ConfigDict(frozen=True)

    kind: str = Field("", max_length=64)
    message: UUID
    text: str


async def ask(visit: Visit) -> Page:
    """Show the form."""
    return await _page(visit)


async def tell(visit: Visit) -> Page | Go:
    """Note what was told, once."""
    form = visit.form.read(_Tell)
    rulebook = await published.in_force(visit.deps)
    kind = next((one for one in own_event.kinds(rulebook) if one.kind == form.kind), None)
    if kind is None or wrong_words(form.text, visit.lang):
        return await _page(visit, form)
    try:
        await own_event.append(
            visit.deps,
            visit.customer,
            kind.kind,
            event_id=form.message,
            text=form.text,
            request=visit.request_id,
        )
    except (NotAvailableError, WrongValueError):  # the code changed meanwhile
        return await _page(visit, form)
    jobs.wake()
    return Go("/follow-ups?done=told" if kind.follow_up else f"{HERE}?done=told")


async def _page(visit: Visit, form: _Tell | None = None) -> Page:
    lang = visit.lang
    rulebook = await published.in_force(visit.deps)
    kinds = own_event.kinds(rulebook)
    chosen = form.kind if form else visit.query.get("kind", "")
    known = any(one.kind == chosen for one in kinds)
    title = translate(lang, N_("Tell us something"))
    page = TellPage(
        title=translate(lang, N_("Error: {title}"), title=title) if form else title,
        told=visit.query.get("done") == "told" and form is None,
        kinds=tuple(_kind(visit, one, chosen=one.kind == chosen) for one in kinds),
        wrong_kind=translate(lang, _NO_KIND) if form and not known else "",
        typed=Typed(
            text=shown(form.text) if form else "",
            wrong=wrong_words(form.text, lang) if form else "",
            message=str(form.message if form else request_row.new_id(visit.now)),
            csrf=visit.csrf(HERE),
        ),
    )
    return Page("tell_us.html", page, _MENU, status=422 if form else 200)


def _kind(visit: Visit, one: InteractionKind, *, chosen: bool) -> KindChoice:
    within = Duration.parse(one.follow_up.within) if one.follow_up else None
    return KindChoice(
        id=one.kind,
        label=one.label.get(visit.lang),
        why=one.why.get(visit.lang),
        due=day(within.after(visit.now), visit.lang) if within else None,
        chosen=chosen,
    )
