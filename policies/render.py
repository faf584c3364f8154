"""Write a code of ethics out: as plain text for people, as JSON for programs.

The parts of the HTML page are in `policies/page.py`; all three come from the one document.
Source: DESIGN 5 and 10.
"""

from collections.abc import Iterator

from policies.method_words import named, sentence, yields
from policies.model import Rulebook
from policies.page import page
from policies.page_view import (
    ClauseView,
    DerivationView,
    KeptView,
    PageView,
    RecipientView,
    RightView,
    UseView,
)
from policies.render_lines import heading, more, pair, point, points, wrap
from policies.render_survey import duplicates, surveys
from policies.wording import Wording, of

__all__ = ["json_", "page", "text"]


def json_(rulebook: Rulebook) -> bytes:
    """Return the canonical JSON; its SHA-256 is the digest that every answer names."""
    return rulebook.document


def text(rulebook: Rulebook, lang: str) -> str:
    """Return the page as plain text, with a line feed at the end of each line.

    Names in square brackets are those of the JSON; a test reads the text back by them.
    """
    view = page(rulebook, lang)
    return "\n".join((*_lines(view, of(view.lang)), ""))


def _lines(view: PageView, words: Wording) -> Iterator[str]:
    yield from (view.title, "=" * len(view.title), "")
    yield words.say("version", version=view.version, effective=view.effective)
    yield words.say("digest", digest=view.digest)
    yield from points(words.say("promises"), view.promises)
    yield from points(words.say("never"), (said for _, said in view.never))
    yield from _publisher(view, words)
    yield from heading(words.say("fields"))
    yield from wrap(words.say("free"), "", "")
    yield from _fields(view, words)
    if view.interactions:
        yield from heading(words.say("interactions"))
    for kept in view.interactions:
        yield from _kept_lines(kept, words)
    yield from points(
        words.say("sources"), (f"{words.name(source)}: {how}" for source, how in view.sources)
    )
    yield from heading(words.say("purposes"))
    for clause in view.clauses:
        yield from _clause_lines(clause, words)
    yield from heading(words.say("recipients"))
    for app in view.recipients:
        yield from point(_recipient(app, words))
        if app.safeguard is not None:
            yield from pair(words.say("safeguard"), app.safeguard)
    yield from heading(words.say("derivations"))
    yield from _derived(view.derivations, words)
    yield from surveys(view.surveys, words)
    yield from duplicates(view.duplicates, words)
    yield from points(words.say("rights"), (_right(one, words) for one in view.rights))
    yield from points(words.say("terms"), (words.name(term) for term in view.terms))
    yield from heading(words.say("rules"))
    if view.children is not None:
        yield from point(words.say("children", age=str(view.children)))
    yield from point(words.say("cooling_off", duration=words.lasts(view.cooling_off)))
    yield from point(words.say("minimum_group", count=str(view.minimum_group)))
    yield from points(words.say("measures"), view.measures)


def _publisher(view: PageView, words: Wording) -> Iterator[str]:
    yield from heading(words.say("publisher"))
    by = view.publisher
    yield from point(f"{by.name}, {by.address} ({by.country})")
    yield from point(", ".join(filter(None, (by.email, by.phone, by.url))))
    yield from point(words.say("dpo", name=by.dpo.name, email=by.dpo.email))
    yield from point(words.say("authority", name=by.authority.name, url=by.authority.url))


def _fields(view: PageView, words: Wording) -> Iterator[str]:
    for group, kept in view.by_group():
        if group is not None:
            yield from ("", f"{group.label}: {group.why}")
        for one in kept:
            yield from _kept_lines(one, words)


def _kept_lines(one: KeptView, words: Wording) -> Iterator[str]:
    kind = words.name(one.sensitivity)
    yield from point(f"{one.label} [{one.name}], {kind}")
    yield from pair(words.say("why"), one.why)
    if one.choices:
        yield from pair(words.say("choices"), ", ".join(one.choices))
    yield from pair(words.say("from"), ", ".join(words.name(source) for source in one.sources))
    yield from pair(words.say("kept"), words.lasts(one.retention))
    yield from pair(words.say("used"), ", ".join(label for _, label in one.purposes))
    if one.reaches is not None:
        yield from pair(words.say("reaches"), named((one.reaches, words.name(one.reaches))))
    if one.portal:
        yield from more(words.say("portal"))
    if one.follow_up is not None:
        owner = named((f"staff/{one.follow_up.owner}", words.name(one.follow_up.owner)))
        within = words.lasts(one.follow_up.within)
        yield from more(words.say("follow_up", duration=within, owner=owner))


def _clause_lines(one: ClauseView, words: Wording) -> Iterator[str]:
    yield from point(f"{one.label} [{one.id}]")
    for key, said in (("what", one.what), ("why", one.why), ("benefit", one.benefit)):
        yield from pair(words.say(key), said)
    who = [_recipient(app, words) for app in one.recipients]
    who += [f"{words.say('staff')}: {words.name(role)} [staff/{role}]" for role in one.staff]
    yield from pair(words.say("who"), "; ".join(who))
    for key, required in (("required", True), ("optional", False)):
        uses = [use for use in one.uses if use.required is required]
        if uses:
            yield from pair(words.say(key), "; ".join(_use(use, words) for use in uses))
    yield from pair(words.say("basis"), words.name(one.basis))
    for key, held in (("law", one.law), ("balancing", one.balancing), ("until", one.until)):
        if held is not None:
            yield from pair(words.say(key), held)
    if one.expiry is not None:
        yield from more(words.say("expiry", duration=words.lasts(one.expiry)))
    yield from pair(words.say("without"), one.without)
    for key, duration in (("delay", one.delay), ("keep", one.keep)):
        if duration is not None:
            yield from more(words.say(key, duration=words.lasts(duration)))
    for key, holds in (("explicit", one.explicit), ("profiling", one.profiling)):
        if holds:
            yield from more(words.say(key))
    if one.assessment is not None:
        yield from more(words.say("assessment", url=one.assessment))
    for benefit in one.benefits:
        needs = ", ".join(map(named, benefit.needs))
        yield from pair(words.say("benefits"), f"{named((benefit.id, benefit.label))}: {needs}")


def _derived(several: tuple[DerivationView, ...], words: Wording) -> Iterator[str]:
    if not any(one.decides for one in several):
        yield from wrap(words.say("nothing_decided" if several else "nothing_inferred"), "", "")
    for one in several:
        yield from point(named((one.id, one.label)))
        yield from pair(words.say("infers"), one.field)
        yield from pair(words.say("how"), one.how)
        yield from pair(words.say("inputs"), ", ".join(label for _, label in one.inputs))
        if one.method is not None:
            said = named((one.method.function, words.say("method")))
            yield from pair(said, sentence(one.method, words))
            for _, led in yields(one.method, words, named):
                yield from more(led)
        yield from pair(words.say("automation"), words.name(one.automation))
        yield from pair(words.say("used"), ", ".join(label for _, label in one.purposes))
        if one.decides:
            yield from more(words.say("decides"))
        yield from pair(words.say("contest"), one.contest)
        if one.human is not None:
            yield from pair(words.say("human"), one.human)


def _right(one: RightView, words: Wording) -> str:
    return f"{words.right(one.name)} ({words.covers(one.purposes, one.but)})"


def _recipient(app: RecipientView, words: Wording) -> str:
    held = [app.team, app.country, *([words.say("external")] if app.external else [])]
    return f"{app.name} [{app.id}] ({', '.join(held)})"


def _use(use: UseView, words: Wording) -> str:
    done = ", ".join(words.name(action) for action in use.actions)
    return f"{use.label} [{use.name}] ({done})"
