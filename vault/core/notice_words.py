"""Hold the sentences of the consent notice, in one place, ready for translation.

The English sentence is the key of its translation. A language is offered only when all of it is
here: a notice is never half in another language, for its bytes are the evidence of what was read.
What the code of ethics says itself is data with its own languages and does not stand here.
Source: portal note, 12; consent-standards note, 2.1.
"""

from collections.abc import Mapping

from policies.durations import Duration
from vault.core import notice_words_pt_br, notice_words_pt_pt

WHO = "Who asks"
ASKS = "{publisher} asks you."
READERS = "These would use it:"
READER = "{name} ({team}), in {country}"
NO_READERS = "Only {publisher} itself would use it."
WHAT = "What for"
PROFILING = "It works something out about you from these details. This is called profiling."
EXPLICIT = "Some of this is specially protected by law, so it needs your explicit yes."
EXPLICIT_YES = "Your explicit yes"
CONFIRM = "I agree that {publisher} uses these details about me for “{clause}”: {fields}."
USES = "What it uses"
NEEDED = "Needed: it does not work without these"
OPTIONAL = "Optional: it works without these"
HELD = "Held:"
SPECIAL = "Specially protected"
SENSITIVE = "Sensitive"
UNTIL = "Until when"
LASTS = "Until {duration} after you allow it. It ends by itself."
STOP = "You can stop it earlier at any time, on the page “What I allow”, in one step."
WITHOUT = "If you do not allow it"
BENEFIT = "What you get"
GIVES = "For this you get: {benefit}"
GIVES_WITH = "For this, together with {others}, you get: {benefit}"
PART = "You get each of these for its details alone. If you leave one out, nothing else changes."
CLAUSE = "The rule behind it"
CODE = "“{clause}” in the code of ethics, version {version}"
CHOICES = "Your choices, in this order:"
NOTHING_TICKED = "Nothing is chosen beforehand."
CHOICE_FIELD = "each detail on its own"
CHOICE_CONFIRM = "the sentence of your explicit yes"
CHOICE_ALLOW = "Allow"
CHOICE_REFUSE = "Do not allow"
CHOICE_LATER = "Decide later"
YEARS = ("{count} year", "{count} years")
MONTHS = ("{count} month", "{count} months")
DAYS = ("{count} day", "{count} days")
AND = "{first} and {second}"

SENTENCES = (
    WHO,
    ASKS,
    READERS,
    READER,
    NO_READERS,
    WHAT,
    PROFILING,
    EXPLICIT,
    EXPLICIT_YES,
    CONFIRM,
    USES,
    NEEDED,
    OPTIONAL,
    HELD,
    SPECIAL,
    SENSITIVE,
    UNTIL,
    LASTS,
    STOP,
    WITHOUT,
    BENEFIT,
    GIVES,
    GIVES_WITH,
    PART,
    CLAUSE,
    CODE,
    CHOICES,
    NOTHING_TICKED,
    CHOICE_FIELD,
    CHOICE_CONFIRM,
    CHOICE_ALLOW,
    CHOICE_REFUSE,
    CHOICE_LATER,
    *YEARS,
    *MONTHS,
    *DAYS,
    AND,
)

TRANSLATIONS: Mapping[str, Mapping[str, str]] = {
    "en": {sentence: sentence for sentence in SENTENCES},
    **{
        tag: sentences
        for tag, sentences in (
            ("pt-BR", notice_words_pt_br.SENTENCES),
            ("pt-PT", notice_words_pt_pt.SENTENCES),
        )
        if sentences  # one that is not written yet is not offered
    },
}


def say(locale: str, sentence: str, **names: str) -> str:
    """Return a sentence in a language, with its names filled in.

    >>> say("en", ASKS, publisher="Harbour Books")
    'Harbour Books asks you.'
    """
    return TRANSLATIONS[locale][sentence].format(**names)


def say_duration(locale: str, text: str) -> str:
    """Return an ISO 8601 duration of the code of ethics in words.

    >>> say_duration("en", "P1Y"), say_duration("en", "P1M"), say_duration("en", "P18M10D")
    ('1 year', '1 month', '18 months and 10 days')
    """
    duration = Duration.parse(text)
    if duration is None:
        raise ValueError("a compiled code of ethics has durations alone")
    parts = []
    if duration.months % 12:
        parts.append(_count(locale, MONTHS, duration.months))
    elif duration.months:
        parts.append(_count(locale, YEARS, duration.months // 12))
    if duration.days:
        parts.append(_count(locale, DAYS, duration.days))
    if len(parts) == 1:
        return parts[0]
    return say(locale, AND, first=parts[0], second=parts[1])


def _count(locale: str, forms: tuple[str, str], count: int) -> str:
    # One and other are all that the vault's languages need here: a code counts from 1.
    return say(locale, forms[count != 1], count=str(count))
