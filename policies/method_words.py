"""Say in words what a method does: a sentence for its function, and one for each choice it yields.

The plain text says the names of the code too, in square brackets; the HTML page shows labels alone.
"""

from collections.abc import Callable, Iterator

from policies.page_view import MethodView, Named
from policies.wording import Wording

Say = Callable[[Named], str]  # how a name of the code and its label are said


def sentence(one: MethodView, words: Wording) -> str:
    """Return what is counted, over which time, and from how many on."""
    period = words.lasts(one.period) if one.period else ""
    said = words.say(f"method_{one.function}", period=period, fact=one.fact or "")
    if one.least == 1:
        return said
    return f"{said} {words.say('least', count=str(one.least))}"


def yields(one: MethodView, words: Wording, say: Say) -> Iterator[tuple[str, str]]:
    """Give each choice, and what leads to it, in the order in which it is tried."""
    for choice, start in one.bands:
        yield choice[0], words.say("band", label=say(choice), start=str(start))
    for choice, conditions in one.segments:
        said = [
            words.say(
                "condition",
                field=say(condition.field),
                values=_joined(
                    [say(_worded(value, words)) for value in condition.values], words.say("or")
                ),
            )
            for condition in conditions
        ]
        held = _joined(said, words.say("and"))
        yield choice[0], words.say("segment", label=say(choice), conditions=held)
    for choice, kinds in one.ways:
        held = ", ".join(map(say, kinds))
        yield choice[0], words.say("segment", label=say(choice), conditions=held)


def labelled(one: Named) -> str:
    """Say the label alone."""
    return one[1]


def named(one: Named) -> str:
    """Say the label and the name."""
    return f"{one[1]} [{one[0]}]"


def _worded(value: Named, words: Wording) -> Named:
    """Give a yes or a no its word; a choice has one of its own."""
    name, label = value
    return name, label or words.say(name)


def _joined(several: list[str], word: str) -> str:
    return f" {word} ".join(several)
