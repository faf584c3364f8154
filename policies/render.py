"""Write a code of ethics out: as plain text for people, as JSON for programs.

The parts of the HTML page are in `policies/page.py`; all three come from the one document.
Source: DESIGN 5 and 10.
"""

import textwrap
from collections.abc import Iterator

from policies.model import Rulebook
from policies.page import ClauseView, KeptView, PageView, RecipientView, UseView, page
from policies.wording import Wording, english

__all__ = ["json_", "page", "text"]

WIDTH = 88  # columns of the plain text


def json_(rulebook: Rulebook) -> bytes:
    """Return the canonical JSON; its SHA-256 is the digest that every answer names."""
    return rulebook.document


def text(rulebook: Rulebook, lang: str) -> str:
    """Return the page as plain text, with a line feed at the end of each line."""
    return "\n".join((*_lines(page(rulebook, lang), english()), ""))


def _lines(view: PageView, words: Wording) -> Iterator[str]:
    yield from (view.title, "=" * len(view.title), "")
    yield words.say("version", version=view.version, effective=view.effective)
    yield words.say("digest", digest=view.digest)
    yield from _heading(words.say("promises"))
    for promise in view.promises:
        yield from _point(promise)
    yield from _heading(words.say("sources"))
    for source, how in view.sources:
        yield from _point(f"{words.name(source)}: {how}")
    yield from _heading(words.say("fields"))
    for kept in view.fields:
        yield from _kept_lines(kept, words)
    if view.interactions:
        yield from _heading(words.say("interactions"))
    for kept in view.interactions:
        yield from _kept_lines(kept, words)
    yield from _heading(words.say("purposes"))
    for clause in view.clauses:
        yield from _clause_lines(clause, words)
    yield from _heading(words.say("terms"))
    for term in view.terms:
        yield from _point(words.name(term))
    if view.children is not None:
        yield from _point(words.say("children", age=str(view.children)))
    yield from _point(words.say("cooling_off", duration=words.lasts(view.cooling_off)))
    yield from _heading(words.say("publisher"))
    by = view.publisher
    yield from _point(f"{by.name}, {by.address} ({by.country})")
    yield from _point(", ".join(filter(None, (by.email, by.phone, by.url))))
    yield from _point(words.say("dpo", name=by.dpo.name, email=by.dpo.email))
    yield from _point(words.say("authority", name=by.authority.name, url=by.authority.url))


def _kept_lines(one: KeptView, words: Wording) -> Iterator[str]:
    kind = words.name(one.sensitivity)
    yield from _point(f"{one.label} [{one.name}], {kind}")
    yield from _pair(words.say("why"), one.why)
    if one.choices:
        yield from _pair(words.say("choices"), ", ".join(one.choices))
    yield from _pair(words.say("from"), ", ".join(words.name(source) for source in one.sources))
    yield from _pair(words.say("kept"), words.lasts(one.retention))
    yield from _pair(words.say("used"), ", ".join(label for _, label in one.purposes))


def _clause_lines(one: ClauseView, words: Wording) -> Iterator[str]:
    yield from _point(f"{one.label} [{one.id}]")
    for key, said in (("what", one.what), ("why", one.why), ("benefit", one.benefit)):
        yield from _pair(words.say(key), said)
    who = [_recipient(app, words) for app in one.recipients]
    who += [f"{words.say('staff')}: {words.name(role)}" for role in one.staff]
    yield from _pair(words.say("who"), "; ".join(who))
    for key, required in (("required", True), ("optional", False)):
        uses = [use for use in one.uses if use.required is required]
        if uses:
            yield from _pair(words.say(key), ", ".join(_use(use, words) for use in uses))
    yield from _pair(words.say("basis"), words.name(one.basis))
    for key, more in (("law", one.law), ("balancing", one.balancing), ("until", one.until)):
        if more is not None:
            yield from _pair(words.say(key), more)
    if one.expiry is not None:
        yield from _wrap(words.say("expiry", duration=words.lasts(one.expiry)), "  ", "    ")
    yield from _pair(words.say("without"), one.without)
    for key, duration in (("delay", one.delay), ("keep", one.keep)):
        if duration is not None:
            yield from _wrap(words.say(key, duration=words.lasts(duration)), "  ", "    ")
    for key, holds in (("explicit", one.explicit), ("profiling", one.profiling)):
        if holds:
            yield from _wrap(words.say(key), "  ", "    ")


def _recipient(app: RecipientView, words: Wording) -> str:
    held = [app.team, app.country, *([words.say("external")] if app.external else [])]
    return f"{app.name} ({', '.join(held)})"


def _use(use: UseView, words: Wording) -> str:
    return f"{use.label} ({', '.join(words.name(action) for action in use.actions)})"


def _heading(heading: str) -> Iterator[str]:
    yield from ("", heading, "-" * len(heading))


def _point(said: str) -> Iterator[str]:
    yield from _wrap(said, "* ", "  ")


def _pair(name: str, said: str) -> Iterator[str]:
    yield from _wrap(f"{name}: {said}", "  ", "    ")


def _wrap(said: str, first: str, rest: str) -> Iterator[str]:
    # Addresses and names are not broken apart: a reader may search for them.
    yield from textwrap.wrap(
        said,
        WIDTH,
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    )
