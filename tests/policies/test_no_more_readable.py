"""No publication lets anybody read more without the customer being asked."""

from random import Random

from policies.decide import Allow, ConsentFact, Question, Situation, Terms, decide
from policies.diff import diff
from policies.model import Action, ActorKind, Basis, ConsentState, Permission, StaffRole
from tests.policies.edited import family
from tests.policies.generated import APPS, NAMES, NOW
from vault.core.carry import Step, carry
from vault.core.consent import Consent

FAMILIES = 400
LATE = 10**13  # unix ms


def readable(book, purpose, consent):
    """Return who may read what for a purpose, by this consent and all that else could help."""
    fact = ConsentFact(purpose, consent.state, consent.fields, consent.until_ms, intact=True)
    situation = Situation(
        known=True,
        intact=True,
        restricted=False,
        objections=frozenset(),
        terms=Terms(),
        consents={purpose: fact},
        untold=frozenset(),
        now=NOW,
    )
    every = frozenset(Permission(purpose, Action.READ, name) for name in NAMES)
    asks = [
        *(
            (
                app,
                Question(
                    ActorKind.APP, NAMES, app=app, purpose=purpose, registration=every, ceiling=every
                ),
            )
            for app in APPS
        ),
        *((role, Question(ActorKind.STAFF, NAMES, purpose=purpose, role=role)) for role in StaffRole),
    ]  # fmt: skip
    return {
        (who, name)
        for who, question in asks
        for name, verdict in decide(book, question, situation).items()
        if isinstance(verdict, Allow)
    }


def test_what_a_carried_consent_lets_be_read_was_readable_before():
    read, fewer = 0, 0
    for seed in range(FAMILIES):
        random = Random(seed)
        first, second, third = family(seed)
        for old, new in ((first, second), (second, third)):
            step = Step(NOW - 1, new, {one.purpose: one.outcome for one in diff(old, new)})
            for purpose in old.consent_purposes():
                after = new.purposes.get(purpose.id)
                if after is None or after.basis is not Basis.CONSENT:
                    continue
                fields = frozenset(name for name in NAMES if random.random() < 0.9)
                given = Consent(purpose.id, ConsentState.GIVEN, fields, 0, LATE, "old", "shown")
                before = readable(old, purpose.id, given)
                now = readable(new, purpose.id, carry(given, [step]))
                assert now <= before, (seed, purpose.id)
                read += bool(now)
                fewer += bool(now) and now < before
    assert read > 60  # it is met often enough to mean something
    assert fewer > 8
