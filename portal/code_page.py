"""Make the page of a code of ethics: its short version, the table, the clauses, rights and rules.

Pure: a code, a language and the list of versions give the page. What the publisher says comes from
the document; the words around it are the portal's, those of closed sets `policies.wording`'s. Every
use and every reader of a clause stands there as a link to its name, so that a test can read the page
back and compare it with what is allowed.
Source: DESIGN 5; portal note, 2; GDPR 13 and 14.
"""

from collections.abc import Iterator

from babel import Locale

from policies.model import Action, Rulebook, StaffRole
from policies.page import page as laid_out
from policies.page_view import ClauseView, DerivationView, KeptView, PageView, RecipientView
from policies.wording import Wording, of
from portal import code_facts
from portal.code_view import Clause, CodePage, Derivation, Group, Kept, Reader, Right, Use
from portal.code_words import word
from portal.language import LANGUAGES, N_, translate
from portal.words import LOCALES, Moment, lasting
from vault.core.party import exercised_at


def code_page(
    rulebook: Rulebook,
    lang: str,
    *,
    since: Moment,
    in_force: bool,
    versions: tuple[tuple[str, Moment], ...],
    changes: str,
) -> CodePage:
    """Return the page of a version.

    Args:
        rulebook: the version.
        lang: of the page; the texts are in it, or in the nearest that the code has.
        since: when it took effect.
        in_force: whether it holds at present.
        versions: all, the newest first.
        changes: path of what it changed; "" for the first version.
    """
    view = laid_out(rulebook, lang)
    words = of(view.lang)
    decides = any(one.decides for one in view.derivations)
    nothing = words.say("nothing_decided" if view.derivations else "nothing_inferred")
    return CodePage(
        title=view.title,
        lang=view.lang,
        version=view.version,
        since=since,
        digest=view.digest,
        in_force=in_force,
        sums=_sums(view, lang),
        promises=view.promises,
        never=view.never,
        clauses=tuple(_clause(one, words, lang) for one in view.clauses),
        groups=tuple(
            Group(
                group.id if group else "",
                group.label if group else "",
                group.why if group else "",
                tuple(_kept(one, words, lang) for one in fields),
            )
            for group, fields in view.by_group()
        ),
        contacts=tuple(_kept(one, words, lang) for one in view.interactions),
        sources=tuple((word(source, lang), how) for source, how in view.sources),
        readers=tuple(_all_readers(view, lang)),
        derivations=tuple(_derivation(one, view, words) for one in view.derivations),
        decided="" if decides else nothing,
        rights=tuple(
            Right(
                words.right(one.name),
                exercised_at(view.publisher, one.name, issuer=""),
                words.covers(one.purposes, one.but),
            )
            for one in view.rights
        ),
        free=words.say("free"),
        terms=tuple(word(term, lang) for term in view.terms),
        rules=tuple(_rules(view, words)),
        least=code_facts.least(view.minimum_group, words),
        surveys=(
            words.say("surveys"),
            tuple(code_facts.survey(one, words) for one in view.surveys),
        ),
        duplicates=code_facts.duplicates(view.duplicates, words) if view.duplicates else None,
        measures=view.measures,
        publisher=view.publisher,
        languages=tuple((one, LANGUAGES[one].name) for one in rulebook.code.languages),
        versions=versions,
        changes=changes,
    )


def _sums(view: PageView, lang: str) -> tuple[tuple[int, str], ...]:
    return (
        (len(view.fields), translate(lang, N_("details that we want to know"))),
        (len(view.clauses), translate(lang, N_("purposes, and no other"))),
        (len(view.recipients), translate(lang, N_("recipients"))),
        (len(view.derivations), translate(lang, N_("things that we work out"))),
    )


def _rules(view: PageView, words: Wording) -> Iterator[str]:
    if view.children is not None:
        yield words.say("children", age=str(view.children))
    yield words.say("cooling_off", duration=words.lasts(view.cooling_off))


def _clause(one: ClauseView, words: Wording, lang: str) -> Clause:
    until = one.until or ""
    if one.expiry:
        until = translate(lang, N_("{time} after you allow it"), time=lasting(one.expiry, lang))
    headings = ((N_("Needs"), True), (N_("Better with"), False))
    uses = ((heading, _uses(one, lang, required=required)) for heading, required in headings)
    return Clause(
        id=one.id,
        label=one.label,
        what=one.what,
        why=one.why,
        benefit=one.benefit,
        without=one.without,
        basis=word(one.basis, lang),
        balancing=one.balancing or "",
        law=one.law or "",
        uses=tuple((translate(lang, heading), found) for heading, found in uses if found),
        readers=(
            *(_reader(app, lang) for app in one.recipients),
            *(_staff(role, lang) for role in one.staff),
        ),
        until=until,
        explicit=one.explicit,
        profiling=one.profiling,
        delay=lasting(one.delay, lang) if one.delay else "",
        keep=lasting(one.keep, lang) if one.keep else "",
        assessment=one.assessment or "",
        benefits=(words.say("benefits"), code_facts.benefits(one)),
    )


def _uses(one: ClauseView, lang: str, *, required: bool) -> tuple[Use, ...]:
    return tuple(
        Use(use.name, use.label, tuple(_action(action, lang) for action in use.actions))
        for use in one.uses
        if use.required is required
    )


def _action(action: Action, lang: str) -> tuple[str, str]:
    return action.value, word(action, lang)


def _reader(app: RecipientView, lang: str) -> Reader:
    country = Locale.parse(LOCALES[lang]).territories.get(app.country, app.country)
    place = f"{app.team}, {country}"
    return Reader(f"recipient-{app.id}", app.name, place, app.external, app.safeguard or "")


def _staff(role: StaffRole, lang: str) -> Reader:
    return Reader(f"staff-{role}", word(role, lang), "", external=False, safeguard="")


def _all_readers(view: PageView, lang: str) -> Iterator[Reader]:
    yield from (_reader(app, lang) for app in view.recipients)
    roles = {role for one in view.clauses for role in one.staff}
    yield from (_staff(role, lang) for role in StaffRole if role in roles)


def _derivation(one: DerivationView, view: PageView, words: Wording) -> Derivation:
    labels = {kept.name: kept.label for kept in view.fields}
    return Derivation(
        id=one.id,
        label=one.label,
        how=one.how,
        field=labels.get(one.field, one.field),
        inputs=one.inputs,
        automation=words.name(one.automation),
        purposes=one.purposes,
        contest=one.contest,
        decides=words.say("decides") if one.decides else "",
        human=one.human or "",
        method=code_facts.method(one.method, words) if one.method else None,
    )


def _kept(one: KeptView, words: Wording, lang: str) -> Kept:
    return Kept(
        name=one.name,
        label=one.label,
        why=one.why,
        mark=word(one.sensitivity, lang),
        sources=tuple(word(source, lang) for source in one.sources),
        lasts=lasting(one.retention, lang),
        choices=one.choices,
        purposes=one.purposes,
        facts=tuple(code_facts.contact(one, words)),
    )
