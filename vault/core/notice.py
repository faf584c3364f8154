"""Render the notice on which consent is asked: the exact bytes that are hashed, kept and shown.

A pure function of the code of ethics, purpose, fields, language, template and order of controls:
no customer, no value, no clock and no token, so that one digest stands for what many were shown.
The page puts the customer's own values into the empty slots; emptied again, the bytes are the
same. Nothing can be chosen beforehand, for the template has no way to say it.
It refuses to know who is asked and what was answered.
Source: consent-standards note, 2.1; portal note, 3; GDPR 7(2), 7(3), 13.
"""

import hashlib
import re
from collections.abc import Collection, Iterator, Mapping
from html import escape
from typing import NamedTuple
from unicodedata import combining, normalize

from policies.model import Field, InteractionKind, Purpose, Rulebook, Sensitivity
from vault.core import notice_words as words
from vault.core.errors import FormatError
from vault.core.notice_words import TRANSLATIONS, say

TEMPLATE = "consent-1"  # a change of these bytes gets a new name
EXPLICIT = "explicit-1"  # the same with a sentence to confirm: GDPR 9(2)(a)
# The same two, with each benefit beside the details that it is given for.
BENEFITS = {TEMPLATE: "consent-2", EXPLICIT: "explicit-2"}
DEFAULTS = "none"  # what is ticked beforehand
BEGIN = "<!--ownship:notice-->"
END = "<!--/ownship:notice-->"

# The order in which the page offers its controls; "field" is a box for each detail, "confirm" the
# box of the sentence, which a clause that must be consented to explicitly has before "allow".
SIMPLE = ("allow", "refuse", "later")
GRID = ("field", "allow", "refuse", "later")

_CONTROLS = {
    "field": words.CHOICE_FIELD,
    "confirm": words.CHOICE_CONFIRM,
    "allow": words.CHOICE_ALLOW,
    "refuse": words.CHOICE_REFUSE,
    "later": words.CHOICE_LATER,
}
_MARKS = {Sensitivity.SENSITIVE: words.SENSITIVE, Sensitivity.SPECIAL: words.SPECIAL}
_SLOT = re.compile(r'(<output data-field="([^"<>]*)">)[^<>]*(</output>)')


class Kind(NamedTuple):
    """What sets the notices of one purpose in one code apart."""

    locale: str
    controls: tuple[str, ...]


def template(clause: Purpose) -> str:
    """Return the name of the template of a clause's notices."""
    plain = EXPLICIT if clause.explicit else TEMPLATE
    return BENEFITS[plain] if clause.benefits else plain


def offered(clause: Purpose, controls: tuple[str, ...]) -> tuple[str, ...]:
    """Return `SIMPLE` or `GRID` as this clause offers it."""
    if not clause.explicit:
        return controls
    at = controls.index("allow")
    return (*controls[:at], "confirm", *controls[at:])


def locales(rulebook: Rulebook) -> tuple[str, ...]:
    """Return the languages in which the whole notice can be shown, the code's first one first."""
    return tuple(one for one in rulebook.code.languages if one in TRANSLATIONS)


def render(
    rulebook: Rulebook,
    purpose: str,
    *,
    fields: Collection[str] | None = None,
    locale: str = "en",
    controls: tuple[str, ...] = SIMPLE,
) -> bytes:
    """Return the notice of a purpose: UTF-8, NFC, LF, from the one marker to the other.

    Args:
        rulebook: the code of ethics in force.
        purpose: its id; one that rests on consent.
        fields: names to ask for; None for all that the purpose uses.
        locale: one of `locales`.
        controls: `SIMPLE` or `GRID`.
    """
    if locale not in locales(rulebook):
        raise ValueError("a notice is never shown in half a language")
    clause = rulebook.purposes[purpose]
    names = {use.name for use in clause.uses} if fields is None else fields
    lines = [BEGIN, *_lines(rulebook, clause, names, locale, offered(clause, controls)), END]
    return "\n".join(lines).encode()


def digest(notice: bytes) -> str:
    """Return the name under which a notice is kept: SHA-256 in hex."""
    return hashlib.sha256(notice).hexdigest()


def identify(rulebook: Rulebook, purpose: str, sha256: str) -> Kind | None:
    """Return how a notice was rendered; None when this code and purpose give no such bytes.

    Args:
        rulebook: the code of ethics that it should be of.
        purpose: its id; one that rests on consent.
        sha256: from `digest`.
    """
    for locale in locales(rulebook):
        for controls in (SIMPLE, GRID):
            if digest(render(rulebook, purpose, locale=locale, controls=controls)) == sha256:
                return Kind(locale, offered(rulebook.purposes[purpose], controls))
    return None


def fill(notice: bytes, values: Mapping[str, str]) -> str:
    """Return the notice with a customer's values in its slots, escaped.

    Args:
        notice: from `render`.
        values: field -> text; a field without a text keeps its empty slot.
    """

    def filled(slot: re.Match[str]) -> str:
        return f"{slot[1]}{escape(values.get(slot[2], ''))}{slot[3]}"

    return _SLOT.sub(filled, notice.decode())


def empty(page: str) -> bytes:
    """Return the notice that stands in a page, without the values: what `render` gave.

    Raises:
        FormatError: when the page does not hold exactly one notice.
    """
    before, _, rest = page.partition(BEGIN)
    body, end, after = rest.partition(END)
    if not end or BEGIN in body + after or END in before + after:
        raise FormatError
    try:
        return _SLOT.sub(r"\1\3", f"{BEGIN}{body}{END}").encode()
    except UnicodeEncodeError:
        raise FormatError from None


def _lines(
    rulebook: Rulebook,
    clause: Purpose,
    names: Collection[str],
    locale: str,
    controls: tuple[str, ...],
) -> Iterator[str]:
    yield f'<section class="notice" lang="{locale}" data-template="{template(clause)}">'
    yield f"<h2>{_text(clause.label.get(locale))}</h2>"
    yield from _who(rulebook, clause, locale)
    yield from _what(clause, locale)
    yield f"<h3>{_say(locale, words.USES)}</h3>"
    yield from _fields(rulebook, clause, names, locale, boxes="field" in controls)
    yield from _terms(clause, locale)
    yield f"<h3>{_say(locale, words.CLAUSE)}</h3>"
    link = f"/code/{rulebook.version}#{clause.id}"
    named = _say(locale, words.CODE, clause=clause.label.get(locale), version=rulebook.version)
    yield f'<p><a href="{_text(link)}">{named}</a> <small>{rulebook.digest}</small></p>'
    if "confirm" in controls:
        yield from _confirm(rulebook, clause, names, locale)
    listed = "".join(f"<li>{_say(locale, _CONTROLS[control])}</li>" for control in controls)
    yield f"<p>{_say(locale, words.CHOICES)}</p>"
    yield f"<ol>{listed}</ol>"
    yield f"<p>{_say(locale, words.NOTHING_TICKED)}</p>"
    yield "</section>"


def _who(rulebook: Rulebook, clause: Purpose, locale: str) -> Iterator[str]:
    publisher = rulebook.code.publisher.name
    yield f"<h3>{_say(locale, words.WHO)}</h3>"
    yield f"<p>{_say(locale, words.ASKS, publisher=publisher)}</p>"
    if not clause.recipients:
        yield f"<p>{_say(locale, words.NO_READERS, publisher=publisher)}</p>"
        return
    yield f"<p>{_say(locale, words.READERS)}</p>"
    yield "<ul>"
    for app in clause.recipients:
        one = rulebook.recipients[app]
        name, team = one.name.get(locale), one.team.get(locale)
        said = _say(locale, words.READER, name=name, team=team, country=one.country)
        yield f"<li>{said}</li>"
    yield "</ul>"


def _what(clause: Purpose, locale: str) -> Iterator[str]:
    yield f"<h3>{_say(locale, words.WHAT)}</h3>"
    yield f"<p>{_text(clause.what.get(locale))}</p>"
    yield f"<p>{_text(clause.why.get(locale))}</p>"
    if clause.profiling:
        yield f"<p>{_say(locale, words.PROFILING)}</p>"
    if clause.explicit:
        yield f"<p><strong>{_say(locale, words.EXPLICIT)}</strong></p>"


def _fields(
    rulebook: Rulebook, clause: Purpose, names: Collection[str], locale: str, *, boxes: bool
) -> Iterator[str]:
    for required, said in ((True, words.NEEDED), (False, words.OPTIONAL)):
        of_kind = [
            use.name for use in clause.uses if use.name in names and use.required is required
        ]
        if not of_kind:
            continue
        yield "<fieldset>" if boxes else "<div>"
        legend = _say(locale, said)
        yield f"<legend>{legend}</legend>" if boxes else f"<h4>{legend}</h4>"
        yield "<ul>"
        for name in of_kind:
            yield from _field(rulebook, clause, name, locale, box=boxes)
        yield "</ul>"
        yield "</fieldset>" if boxes else "</div>"


def _confirm(
    rulebook: Rulebook, clause: Purpose, names: Collection[str], locale: str
) -> Iterator[str]:
    """Give the sentence that only the customer can make theirs; it names what it is about."""
    used = [_kept(rulebook, use.name) for use in clause.uses if use.name in names]
    marked = [one for one in used if one.sensitivity is Sensitivity.SPECIAL] or used
    said = _say(
        locale,
        words.CONFIRM,
        publisher=rulebook.code.publisher.name,
        clause=clause.label.get(locale),
        fields=", ".join(one.label.get(locale) for one in marked),
    )
    yield f"<h3>{_say(locale, words.EXPLICIT_YES)}</h3>"
    yield f'<p><label><input type="checkbox" name="confirm" value="yes"> {said}</label></p>'


def _kept(rulebook: Rulebook, name: str) -> Field | InteractionKind:
    return rulebook.fields.get(name) or rulebook.interactions[name]


def _field(
    rulebook: Rulebook, clause: Purpose, name: str, locale: str, *, box: bool
) -> Iterator[str]:
    one = _kept(rulebook, name)
    label = f"<strong>{_text(one.label.get(locale))}</strong>"
    if box:
        # Without `checked`: nothing is chosen beforehand, needed or not.
        label = f'<label><input type="checkbox" name="field" value="{_text(name)}"> {label}</label>'
    mark = _MARKS.get(one.sensitivity)
    yield "<li>"
    yield label if mark is None else f"{label} <em>{_say(locale, mark)}</em>"
    yield f"<p>{_text(one.why.get(locale))}</p>"
    yield from _gives(rulebook, clause, name, locale)
    held = _say(locale, words.HELD)
    yield f'<p>{held} <output data-field="{_text(name)}"></output></p>'
    yield "</li>"


def _gives(rulebook: Rulebook, clause: Purpose, name: str, locale: str) -> Iterator[str]:
    """Say beside a detail what is given for it, and with which others."""
    for one in clause.benefits:
        if name not in one.needs:
            continue
        others = [_kept(rulebook, each).label.get(locale) for each in one.needs if each != name]
        said = _say(
            locale,
            words.GIVES_WITH if others else words.GIVES,
            others=", ".join(others),
            benefit=one.label.get(locale),
        )
        yield f"<p>{said}</p>"


def _terms(clause: Purpose, locale: str) -> Iterator[str]:
    lasts = words.say_duration(locale, clause.expiry or "")
    yield f"<h3>{_say(locale, words.UNTIL)}</h3>"
    yield f"<p>{_say(locale, words.LASTS, duration=lasts)} {_say(locale, words.STOP)}</p>"
    yield f"<h3>{_say(locale, words.WITHOUT)}</h3>"
    yield f"<p>{_text(clause.without.get(locale))}</p>"
    yield f"<h3>{_say(locale, words.BENEFIT)}</h3>"
    yield f"<p>{_text(clause.benefit.get(locale))}</p>"
    if clause.benefits:
        listed = "".join(f"<li>{_text(one.label.get(locale))}</li>" for one in clause.benefits)
        yield f"<ul>{listed}</ul>"
        yield f"<p>{_say(locale, words.PART)}</p>"


def _say(locale: str, sentence: str, **names: str) -> str:
    return _text(say(locale, sentence, **names))


def _text(text: str) -> str:
    """Return text for HTML: NFC, escaped, and on one line, so that no carriage return is left."""
    text = normalize("NFC", " ".join(text.split()))
    if text and combining(text[0]):
        # Behind a tag's `>` it would melt into one letter with it: U+003E U+0338 is U+226F.
        text = f"\N{DOTTED CIRCLE}{text}"
    return escape(text)
