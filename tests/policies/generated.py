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
    Automation,
    Basis,
    Channel,
    Choice,
    Code,
    ConsentState,
    Derivation,
    Field,
    FieldType,
    Group,
    Identifier,
    InteractionKind,
    Never,
    Permission,
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
from tests.policies.documents import good
from tests.policies.knowing import CHOICES, Knower, words

FIELDS = ("contact.email", "contact.name", "taste.coffee")
EVENTS = ("call", "visit")
NAMES = (*FIELDS, *(f"interaction.{event}" for event in EVENTS))
TYPES = dict(zip(FIELDS, (FieldType.EMAIL, FieldType.PHONE, FieldType.ADDRESS), strict=True))
PURPOSES = ("delivery", "rewards.card", "support")
APPS = ("delivery", "loyalty")
NOW = 1_000

ALL = frozenset(
    Permission(purpose, action, name) for purpose in PURPOSES for action in Action for name in NAMES
)


class Writer(Knower):
    """Writes a code of ethics by lot: one draw instead of hundreds, so that examples are cheap."""

    def __init__(self, seed: int) -> None:
        super().__init__(Random(seed))

    def declared(self, items) -> tuple:
        """Mostly all; else some, so that uses of undeclared names are decided too."""
        return items if self.random.random() < 0.7 else self.some(items)

    def maybe(self, text: str) -> Texts | None:
        return words(text) if self.yes() else None

    def purpose(self, identity: str) -> Purpose:
        uses = tuple(
            Use(name, self.some(Action, least=1), required=self.yes())
            for name in self.some(NAMES, least=2)
        )
        return Purpose(
            id=identity,
            label=words(identity),
            types=("CustomerCare",),
            what=words("what"),
            why=words("why"),
            benefit=words("benefit"),
            without=words("without"),
            basis=self.random.choice([*Basis, Basis.CONSENT, Basis.CONSENT]),
            uses=uses,
            recipients=self.some(APPS, least=1),
            staff=self.some(StaffRole),
            expiry="P12M" if self.yes() else None,
            until=self.maybe("until"),
            law=self.maybe("law"),
            balancing=self.maybe("balancing"),
            explicit=self.yes(),
            profiling=self.yes(),
            keep="P6Y" if self.yes() else None,
            assessment="https://example.org/a" if self.yes() else None,
            benefits=self.benefits([use.name for use in uses]),
        )

    def derivation(self, field: str, purposes: tuple[Purpose, ...], names: list[str]) -> Derivation:
        return Derivation(
            id=field.partition(".")[2],
            label=words(field),
            how=words("how"),
            field=field,
            inputs=self.some(names, least=1),
            automation=self.random.choice(list(Automation)),
            purposes=self.some((one.id for one in purposes), least=1),
            contest=words("contest"),
            decides=self.yes(),
            human=self.maybe("human"),
            method=self.method(names) if self.yes() else None,
        )

    def never(self, identity: str) -> Never:
        return Never(
            id=identity,
            text=words("never"),
            types=self.some(["Marketing", "CustomerCare", "CustomerManagement"]),
            categories=self.some(["Name", "Identifying", "Communication"]),
            sensitivity=self.some(Sensitivity),
            sources=self.some(Source),
            external=self.yes(),
            countries_outside=self.some(["IE", "EU", "BR"]),
            profiling=self.yes(),
            bases=self.some(Basis),
        )

    def field(self, name: str) -> Field:
        return Field(
            name=name,
            label=words(name),
            why=words("why"),
            type=TYPES[name],
            identifies=Identifier.EMAIL if name == FIELDS[0] else None,
            category="Name",
            sensitivity=self.random.choice(list(Sensitivity)),
            sources=self.some(Source, least=1),
            retention="P1Y",
            choices=tuple(Choice(one, words(one)) for one in CHOICES),
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
            reaches=self.random.choice([None, *Channel]),
            portal=self.yes(),
            follow_up=self.follow_up(),
        )

    def code(self) -> Code:
        fields = tuple(self.field(name) for name in self.declared(FIELDS))
        events = tuple(self.event(kind) for kind in self.declared(EVENTS))
        purposes = tuple(self.purpose(one) for one in self.some(PURPOSES, least=1))
        names = [*(one.name for one in fields), *(one.name for one in events)]
        return Code(
            version="2026-11",
            effective="2026-11-01",
            title=words("Code"),
            languages=("en",),
            publisher=good().code.publisher,
            promises=(words("We keep to this."),),
            sources=tuple(SourceRule(source, words(source)) for source in Source),
            fields=fields,
            interactions=events,
            recipients=tuple(
                Recipient(
                    app,
                    words(app),
                    words("team"),
                    "IE",
                    external=self.yes(),
                    safeguard=self.maybe("safeguard"),
                )
                for app in APPS
            ),
            purposes=purposes,
            terms=self.some(Term),
            groups=tuple(Group(one, words(one), words("why")) for one in self.some(["contact"])),
            never=tuple(self.never(one) for one in self.some(["selling", "judging"])),
            derivations=tuple(
                self.derivation(one.name, purposes, names) for one in self.some(fields[1:])
            ),
            measures=(words("We seal it."),) if self.yes() else (),
            surveys=self.surveys([one.name for one in events], [one.id for one in purposes]),
            duplicates=self.duplicates([one.name for one in fields], [one.id for one in purposes]),
            minimum_group=self.random.choice([None, 5, 20]),
        )


@lru_cache(maxsize=4_096)
def rulebook_of(seed: int) -> Rulebook:
    return load(stored.dumps(Writer(seed).code()))


rulebooks = st.integers(0, 999).map(rulebook_of)


class Asker(Writer):
    """Asks by lot, so that about a quarter of all names are allowed.

    What would deny is rare for each part alone; together it is met often enough.
    """

    def __init__(self, seed: int, book: Rulebook) -> None:
        super().__init__(seed)
        self.book = book

    def rarely(self) -> bool:
        return self.random.random() < 0.07

    def few(self, items) -> frozenset[str]:
        return frozenset(item for item in items if self.rarely())

    def one(self, items, otherwise):
        """Give one of the items, rarely one that fits less well."""
        items = tuple(items)
        return self.random.choice(otherwise if self.rarely() or not items else items)

    def terms(self) -> Terms:
        return Terms(
            paused=self.rarely(),
            never_purposes=self.few(PURPOSES),
            never_apps=self.few(APPS),
            no_profiling=self.rarely(),
            ask_each_time=self.few(PURPOSES),
            never_channels=self.few(Channel),
            no_sharing=self.rarely(),
            restricted_fields=self.few(FIELDS),
            contested=self.few(FIELDS),
            child_until=NOW + 1 if self.rarely() else 0,
        )

    def consent(self, purpose: str) -> ConsentFact:
        states = (ConsentState.GIVEN, ConsentState.RENEWED)
        return ConsentFact(
            purpose=self.one([purpose], PURPOSES),
            state=self.random.choice([*states * 12, *ConsentState]),
            fields=frozenset(NAMES if self.yes() else self.some(NAMES)),
            until=self.one([NOW + 1], [NOW - 1, NOW]),
            intact=not self.rarely(),
        )

    def situation(self) -> Situation:
        return Situation(
            known=not self.rarely(),
            intact=not self.rarely(),
            restricted=self.rarely(),
            objections=self.few(PURPOSES),
            terms=self.terms(),
            consents={one: self.consent(one) for one in PURPOSES if not self.rarely()},
            untold=self.few(FIELDS),
            now=NOW,
            quiet=self.random.random() < 0.3,
            damaged=self.few(FIELDS),
        )

    def permissions(self) -> frozenset[Permission]:
        if self.rarely():
            return frozenset(one for one in sorted(ALL) if self.yes())
        return ALL

    def question(self) -> Question:
        book, kind = self.book, self.one([ActorKind.APP], tuple(ActorKind))
        if self.random.random() < 0.4:
            kind = self.random.choice(list(ActorKind))
        if kind is ActorKind.VAULT and self.yes():
            return self.working_out()
        with_purpose = kind in {ActorKind.APP, ActorKind.STAFF}
        purpose = self.one(book.purposes if with_purpose else [None], (*PURPOSES, None, "unknown"))
        clause = book.purposes.get(purpose)
        uses = {one.name: one.actions for one in clause.uses} if clause else {}
        names = [self.one(uses, (*NAMES, "un.known")) for _ in range(self.random.randint(1, 6))]
        first = names[0]
        verb = Action.APPEND if first.startswith("interaction.") else Action.WRITE
        return Question(
            kind=kind,
            names=tuple(names),
            action=self.one(uses.get(first, (Action.READ, verb)), tuple(Action)),
            app=self.one(clause.recipients if clause else (), (*APPS, None)),
            purpose=purpose,
            registration=self.permissions(),
            ceiling=None if not with_purpose or self.rarely() else self.permissions(),
            source=self.one(book.sources.get(first, ()), (*Source, None)),
            present=self.yes(),
            role=self.one(clause.staff if clause else (), (*StaffRole, None)),
        )

    def working_out(self) -> Question:
        """Ask what the vault asks that works a trait out, rarely something else."""
        book = self.book
        one = self.one(
            [one for one in book.code.derivations if one.method], book.code.derivations or [None]
        )
        names = [*one.inputs, one.field] if one else NAMES
        action = self.random.choice([Action.READ, Action.WRITE])
        fits = (one.inputs if action is Action.READ else [one.field]) if one else NAMES
        return Question(
            kind=ActorKind.VAULT,
            names=tuple(self.one(fits, names) for _ in range(self.random.randint(1, 3))),
            action=action,
            purpose=self.one(one.purposes if one else PURPOSES, PURPOSES),
            source=self.one([Source.INFERRED], tuple(Source)),
            present=False,
        )


seeds = st.integers(0, 2**63)


def case(seed: int) -> tuple[Rulebook, Question, Situation]:
    """Return a code, a question and a situation that belong to a seed."""
    book = rulebook_of(seed % 307)
    asker = Asker(seed, book)
    return book, asker.question(), asker.situation()
