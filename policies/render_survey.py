"""Write out what a code of ethics asks its customers, and when it takes two of them for one person.

Names in square brackets are those of the JSON, as in `policies/render.py`.
"""

from collections.abc import Iterator

from policies.method_words import named
from policies.page_view import DuplicatesView, QuestionView, SurveyView
from policies.render_lines import heading, pair, point
from policies.wording import Wording


def surveys(several: tuple[SurveyView, ...], words: Wording) -> Iterator[str]:
    """Give the lines of all surveys, and nothing where there is none."""
    if several:
        yield from heading(words.say("surveys"))
    for one in several:
        times = (("wait", one.wait), ("at_most", one.at_most), ("expires", one.expires))
        how = [named((one.channel, words.name(one.channel)))]
        how += [words.say(key, duration=words.lasts(time)) for key, time in times]
        yield from point(named((one.id, one.label)))
        yield from pair(words.say("invitation"), one.invitation)
        yield from pair(words.say("survey_for"), named(one.purpose))
        yield from pair(words.say("after"), ", ".join(map(named, one.after)))
        yield from pair(words.say("channel"), "; ".join(how))
        yield from pair(words.say("answer"), named(one.answer))
        for asked in one.questions:
            yield from pair(words.say("question"), _question(asked, words))
        yield from pair(words.say("thanks"), one.thanks)


def duplicates(one: DuplicatesView | None, words: Wording) -> Iterator[str]:
    """Give the lines of the search for duplicates, and nothing where there is none."""
    if one is None:
        return
    yield from heading(words.say("duplicates"))
    yield from point(f"{words.say('duplicates_for')}: {named(one.purpose)}")
    for details in one.same:
        yield from pair(words.say("alike"), ", ".join(map(named, details)))


def _question(one: QuestionView, words: Wording) -> str:
    form = named((one.type, words.name(one.type)))
    if one.choices:
        form = f"{form}: {', '.join(map(named, one.choices))}"
    said = f"{named((one.id, one.label))} ({form})"
    return said if one.low is None else f"{said} {words.say('low', low=str(one.low))}"
