"""Show the code of ethics: each version at its own address, as a page, as text and as JSON.

The page says what the document says, in the words of its publisher; the words around them are the
portal's. Everything here is public.
Source: DESIGN 5; portal note, 2.
"""

from dataclasses import dataclass
from typing import Final

from policies import render as policy_render
from policies.model import Rulebook
from policies.names import Action, Basis, Sensitivity, Source, StaffRole, Term
from policies.page import ClauseView, KeptView, RecipientView, UseView
from policies.page import page as laid_out
from portal.answers import Document, Page
from portal.language import N_, translate
from portal.visit import Visit
from portal.words import Moment, day, lasting
from vault.services import published

_WORDS: Final = {
    Action.READ: N_("read"),
    Action.WRITE: N_("change"),
    Action.APPEND: N_("add"),
    Basis.CONSENT: N_("Your consent"),
    Basis.CONTRACT: N_("Our contract with you"),
    Basis.LEGAL_OBLIGATION: N_("A legal obligation"),
    Basis.VITAL_INTEREST: N_("To protect somebody's life"),
    Basis.PUBLIC_TASK: N_("A task in the public interest"),
    Basis.LEGITIMATE_INTEREST: N_("Our legitimate interest"),
    Sensitivity.ORDINARY: "",
    Sensitivity.SENSITIVE: N_("Sensitive"),
    Sensitivity.SPECIAL: N_("Specially protected by law"),
    Source.TOLD: N_("You tell us"),
    Source.OBSERVED: N_("We observe it"),
    Source.INFERRED: N_("We infer it"),
    Source.THIRD_PARTY: N_("Somebody else tells us"),
    StaffRole.COMPLIANCE: N_("compliance staff"),
    StaffRole.STEWARD: N_("data stewards"),
    StaffRole.SUPPORT: N_("support staff"),
    StaffRole.ADMIN: N_("administrators"),
    Term.PAUSE: N_("Pause everything that rests on your consent"),
    Term.NEVER_PURPOSE: N_("Never allow a purpose"),
    Term.NEVER_APP: N_("Never allow an app"),
    Term.NO_PROFILING: N_("Do not judge or group me by what you know"),
    Term.ASK_EACH_TIME: N_("Ask me each time"),
    Term.NEVER_CHANNEL: N_("Never reach me by telephone, e-mail or letter"),
    Term.QUIET_HOURS: N_("Leave me in peace at some hours"),
    Term.LAPSE: N_("Let what I allow end earlier"),
    Term.NO_SHARING: N_("Pass nothing on to another business"),
}


@dataclass(frozen=True, slots=True)
class Kept:
    """A field or a kind of contact: what, how, how long, what for."""

    name: str
    label: str
    why: str
    mark: str  # of what is sensitive; "" for all else
    sources: tuple[str, ...]
    lasts: str
    choices: tuple[str, ...]
    purposes: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Clause:
    """A purpose, in the words of the document."""

    id: str
    label: str
    what: str
    why: str
    benefit: str
    without: str
    basis: str
    balancing: str
    law: str
    needed: tuple[str, ...]
    optional: tuple[str, ...]
    readers: tuple[str, ...]
    until: str
    explicit: bool
    profiling: bool
    delay: str
    keep: str


@dataclass(frozen=True, slots=True)
class CodePage:
    """Everything of `/code`."""

    title: str
    lang: str  # of the texts
    version: str
    since: Moment
    digest: str
    in_force: bool
    promises: tuple[str, ...]
    clauses: tuple[Clause, ...]
    fields: tuple[Kept, ...]
    contacts: tuple[Kept, ...]
    sources: tuple[tuple[str, str], ...]
    terms: tuple[str, ...]
    children: int | None  # years
    cooling_off: str
    address: str
    email: str
    versions: tuple[tuple[str, Moment], ...]
    changes: str  # path of what it changed; "" for the first version


async def show(visit: Visit) -> Page:
    """Show the code in force."""
    return await _page(visit, await published.in_force(visit.deps), in_force=True)


async def show_version(visit: Visit) -> Page:
    """Show one version, for ever at the same address."""
    found = await published.version(visit.deps, visit.params["version"])
    current = await published.in_force(visit.deps)
    return await _page(visit, found, in_force=found.digest == current.digest)


async def text(visit: Visit) -> Document:
    """Hand out one version as plain text."""
    found = await published.version(visit.deps, visit.params["version"])
    body = policy_render.text(found, visit.lang).encode()
    return Document(body, "text/plain; charset=utf-8", "public")


async def json(visit: Visit) -> Document:
    """Hand out one version's canonical JSON, the bytes under its digest."""
    found = await published.version(visit.deps, visit.params["version"])
    return Document(policy_render.json_(found), "application/json", "public")


async def _page(visit: Visit, rulebook: Rulebook, *, in_force: bool) -> Page:
    lang = visit.lang
    view = laid_out(rulebook, lang)
    versions = await published.versions(visit.deps)
    earlier = await published.before(visit.deps, rulebook)
    page = CodePage(
        title=view.title,
        lang=view.lang,
        version=view.version,
        # A first code takes effect at once, whatever day it was written for.
        since=day(next(one.effective_at for one in versions if one.digest == view.digest), lang),
        digest=view.digest,
        in_force=in_force,
        promises=view.promises,
        clauses=tuple(_clause(one, lang) for one in view.clauses),
        fields=tuple(_kept(one, lang) for one in view.fields),
        contacts=tuple(_kept(one, lang) for one in view.interactions),
        sources=tuple((_word(source, lang), how) for source, how in view.sources),
        terms=tuple(_word(term, lang) for term in view.terms),
        children=view.children,
        cooling_off=lasting(view.cooling_off, lang),
        address=f"{view.publisher.name}, {view.publisher.address}",
        email=view.publisher.email,
        versions=tuple((one.version, day(one.effective_at, lang)) for one in versions),
        changes=f"/code/{view.version}/changes" if earlier else "",
    )
    return Page("code.html", page, "/code")


def _clause(one: ClauseView, lang: str) -> Clause:
    readers = tuple(_reader(app, lang) for app in one.recipients)
    until = one.until or ""
    if one.expiry:
        until = translate(lang, N_("{time} after you allow it"), time=lasting(one.expiry, lang))
    return Clause(
        id=one.id,
        label=one.label,
        what=one.what,
        why=one.why,
        benefit=one.benefit,
        without=one.without,
        basis=_word(one.basis, lang),
        balancing=one.balancing or "",
        law=one.law or "",
        needed=tuple(_use(use, lang) for use in one.uses if use.required),
        optional=tuple(_use(use, lang) for use in one.uses if not use.required),
        readers=(*readers, *(_word(role, lang) for role in one.staff)),
        until=until,
        explicit=one.explicit,
        profiling=one.profiling,
        delay=lasting(one.delay, lang) if one.delay else "",
        keep=lasting(one.keep, lang) if one.keep else "",
    )


def _reader(app: RecipientView, lang: str) -> str:
    said = f"{app.name} ({app.team}, {app.country})"
    return f"{said}, {translate(lang, N_('another business'))}" if app.external else said


def _use(use: UseView, lang: str) -> str:
    return f"{use.label} ({', '.join(_word(action, lang) for action in use.actions)})"


def _kept(one: KeptView, lang: str) -> Kept:
    return Kept(
        name=one.name,
        label=one.label,
        why=one.why,
        mark=_word(one.sensitivity, lang),
        sources=tuple(_word(source, lang) for source in one.sources),
        lasts=lasting(one.retention, lang),
        choices=one.choices,
        purposes=one.purposes,
    )


def _word(member: Action | Basis | Sensitivity | Source | StaffRole | Term, lang: str) -> str:
    said = _WORDS[member]
    return translate(lang, said) if said else ""
