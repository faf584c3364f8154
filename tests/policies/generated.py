"""Codes of ethics, questions and situations made at random, in a small world where they meet."""

from functools import lru_cache
from random import Random

from hypothesis import strategies as st

from policies import stored
from policies.compile import load
from policies.decide import ConsentFact, Question, Situation, Terms
from policies.model import (
    Action,
    ActorKind,
    Authority,
    Basis,
    Code,
    ConsentState,
    Contact,
    Field,
    FieldType,
    InteractionKind,
    Permission,
    Publisher,
    Purpose,
    Recipient,
    Rulebook,
    Sensitivity,
    Source,
    SourceRule,
    StaffRole,
    Term,
    Texts,
    Use,
)

FIELDS = ("contact.email", "contact.name", "taste.coffee")
EVENTS = ("call", "visit")
NAMES = (*FIELDS, *(f"interaction.{event}" for event in EVENTS))
PURPOSES = ("delivery", "rewards.card", "support")
APPS = ("delivery", "loyalty")
NOW = 1_000

ALL = frozenset(
    Permission(purpose, action, name) for purpose in PURPOSES for action in Action for name in NAMES
)


def words(text: str) -> Texts:
    return Texts((("en", text),))


def some(items, *, least: int = 0):
    """Give a tuple of some of the items, in their order."""
    items = tuple(items)
    chosen = st.sets(st.sampled_from(items), min_size=least)
    return chosen.map(lambda kept: tuple(item for item in items if item in kept))


class Writer:
    """Writes a code of ethics by lot: one draw instead of hundreds, so that examples are cheap."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)

    def yes(self) -> bool:
        return self.random.random() < 0.5

    def some(self, items, *, least: int = 0) -> tuple:
        items = tuple(items)
        kept = self.random.sample(items, self.random.randint(least, len(items)))
        return tuple(item for item in items if item in kept)

    def declared(self, items) -> tuple:
        """Mostly all; else some, so that uses of undeclared names are decided too."""
        return items if self.random.random() < 0.7 else self.some(items)

    def maybe(self, text: str) -> Texts | None:
        return words(text) if self.yes() else None

    def purpose(self, identity: str) -> Purpose:
        return Purpose(
            id=identity,
            label=words(identity),
            types=("CustomerCare",),
            what=words("what"),
            why=words("why"),
            benefit=words("benefit"),
            without=words("without"),
            basis=self.random.choice([*Basis, Basis.CONSENT, Basis.CONSENT]),
            uses=tuple(
                Use(name, self.some(Action, least=1), required=self.yes())
                for name in self.some(NAMES)
            ),
            recipients=self.some(APPS),
            staff=self.some(StaffRole),
            expiry="P12M" if self.yes() else None,
            until=self.maybe("until"),
            law=self.maybe("law"),
            balancing=self.maybe("balancing"),
            explicit=self.yes(),
            profiling=self.yes(),
        )

    def field(self, name: str) -> Field:
        return Field(
            name=name,
            label=words(name),
            why=words("why"),
            type=FieldType.TEXT,
            category="Name",
            sensitivity=self.random.choice(list(Sensitivity)),
            sources=self.some(Source, least=1),
            retention="P1Y",
        )

    def event(self, kind: str) -> InteractionKind:
        return InteractionKind(
            kind=kind,
            label=words(kind),
            why=words("why"),
            category="Communication",
            sensitivity=Sensitivity.ORDINARY,
            sources=self.some(Source, least=1),
            retention="P1Y",
        )

    def code(self) -> Code:
        return Code(
            version="2026-11",
            effective="2026-11-01",
            title=words("Code"),
            languages=("en",),
            publisher=Publisher(
                name="Shop",
                address="Here",
                country="IE",
                email="a@example.org",
                url="https://example.org",
                dpo=Contact("Officer", "b@example.org"),
                authority=Authority("Authority", "https://example.org"),
            ),
            promises=(words("We keep to this."),),
            sources=tuple(SourceRule(source, words(source)) for source in Source),
            fields=tuple(self.field(name) for name in self.declared(FIELDS)),
            interactions=tuple(self.event(kind) for kind in self.declared(EVENTS)),
            recipients=tuple(Recipient(app, words(app), words("team"), "IE") for app in APPS),
            purposes=tuple(self.purpose(one) for one in self.some(PURPOSES, least=1)),
            terms=self.some(Term),
        )


@lru_cache(maxsize=4_096)
def rulebook_of(seed: int) -> Rulebook:
    return load(stored.dumps(Writer(seed).code()))


rulebooks = st.integers(0, 999).map(rulebook_of)


mostly = st.integers(0, 9).map(bool)
rarely = mostly.map(lambda yes: not yes)
permissions = st.one_of(st.just(ALL), st.just(ALL), st.frozensets(st.sampled_from(sorted(ALL))))

terms = st.builds(
    Terms,
    paused=rarely,
    never_purposes=st.frozensets(st.sampled_from(PURPOSES), max_size=1),
    never_apps=st.frozensets(st.sampled_from(APPS), max_size=1),
    no_profiling=rarely,
    ask_each_time=st.frozensets(st.sampled_from(PURPOSES), max_size=1),
)


@st.composite
def consents(draw) -> dict[str, ConsentFact]:
    states = st.sampled_from([*ConsentState, *[ConsentState.GIVEN] * 10])
    return {
        purpose: ConsentFact(
            purpose=draw(st.sampled_from([*[purpose] * 9, *PURPOSES])),
            state=draw(states),
            fields=draw(st.frozensets(st.sampled_from(NAMES))),
            until=draw(st.sampled_from([NOW - 1, NOW, NOW + 1, NOW + 1, NOW + 1])),
            intact=draw(mostly),
        )
        for purpose in draw(some(PURPOSES))
    }


situations = st.builds(
    Situation,
    known=mostly,
    intact=mostly,
    restricted=rarely,
    objections=st.frozensets(st.sampled_from(PURPOSES), max_size=1),
    terms=terms,
    consents=consents(),
    untold=st.frozensets(st.sampled_from(FIELDS), max_size=1),
    now=st.just(NOW),
)
questions = st.builds(
    Question,
    kind=st.sampled_from([*ActorKind, ActorKind.APP, ActorKind.APP]),
    names=st.lists(st.sampled_from([*NAMES, *NAMES, "un.known"]), max_size=8).map(tuple),
    action=st.sampled_from([*Action, Action.READ]),
    app=st.sampled_from([*APPS, None]),
    purpose=st.sampled_from([*PURPOSES, *PURPOSES, None, "unknown"]),
    registration=permissions,
    ceiling=st.none() | permissions,
    source=st.sampled_from([*Source, None]),
    present=st.booleans(),
    role=st.sampled_from([*StaffRole, None]),
)
