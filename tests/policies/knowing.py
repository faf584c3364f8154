"""What a code says of contacts, methods, benefits, surveys and duplicates, made at random."""

from random import Random

from policies.document import Benefit, Choice, Duplicates, FollowUp, Method, Survey, Texts
from policies.method import Band, Condition, Function, Segment, Way
from policies.names import Channel, StaffRole
from policies.survey import Question, QuestionType

CHOICES = ("few", "many")
SPANS = ("P1D", "P30D", "P1M", "P12M")


def words(text: str) -> Texts:
    return Texts((("en", text),))


class Knower:
    """Writes those parts by lot, from the names that the rest of the code has."""

    def __init__(self, random: Random) -> None:
        self.random = random

    def yes(self) -> bool:
        return self.random.random() < 0.5

    def some(self, items, *, least: int = 0) -> tuple:
        items = tuple(items)
        kept = self.random.sample(items, self.random.randint(least, len(items)))
        return tuple(item for item in items if item in kept)

    def span(self) -> str:
        return self.random.choice(SPANS)

    def follow_up(self) -> FollowUp | None:
        return FollowUp(self.span(), self.random.choice(list(StaffRole))) if self.yes() else None

    def benefits(self, names: list[str]) -> tuple[Benefit, ...]:
        found = self.some(("drink", "cake"))
        return tuple(Benefit(one, words(one), self.some(names, least=1)) for one in found)

    def method(self, names: list[str]) -> Method:
        """Any function with any choices: whether they fit is for the compiler to say."""
        fields = [name for name in names if not name.startswith("interaction.")]
        kinds = [name.partition(".")[2] for name in names if name not in fields]
        segments: tuple[Segment, ...] = ()
        ways: tuple[Way, ...] = ()
        if fields and self.yes():
            segments = tuple(
                Segment(one, tuple(Condition(f, self.some(CHOICES, least=1)) for f in fields))
                for one in self.some(CHOICES)
            )
        if kinds and self.yes():
            ways = tuple(Way(one, self.some(kinds, least=1)) for one in self.some(CHOICES))
        function = self.random.choice(list(Function))
        return Method(
            function=function,
            period=None if function in {Function.RECENCY, Function.NEEDS} else self.span(),
            fact="total" if function is Function.VALUE else None,
            least=self.random.choice([1, 3]),
            bands=tuple(Band(one, 4 * at) for at, one in enumerate(self.some(CHOICES))),
            segments=segments,
            ways=ways,
        )

    def asked(self, name: str) -> Question:
        return Question(
            id=name,
            type=self.random.choice(list(QuestionType)),
            label=words(name),
            low=self.random.choice([None, 0, 2]),
            choices=tuple(Choice(one, words(one)) for one in self.some(CHOICES)),
        )

    def surveys(self, kinds: list[str], purposes: list[str]) -> tuple[Survey, ...]:
        if not kinds:
            return ()
        return tuple(
            Survey(
                id=name,
                label=words(name),
                invitation=words("How was it?"),
                thanks=words("Thank you."),
                purpose=self.random.choice(purposes),
                after=self.some(kinds, least=1),
                answer=self.random.choice(kinds),
                channel=self.random.choice(list(Channel)),
                wait=self.span(),
                at_most=self.span(),
                expires=self.span(),
                questions=tuple(map(self.asked, self.some(("what", "why"), least=1))),
            )
            for name in self.some(("after_visit", "yearly"))
        )

    def duplicates(self, fields: list[str], purposes: list[str]) -> Duplicates | None:
        if not fields or self.yes():
            return None
        same = {self.some(fields, least=1) for _ in range(2)}
        return Duplicates(self.random.choice(purposes), tuple(sorted(same)))
