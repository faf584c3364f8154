"""Whatever happens to a consent, in whatever order: page, decision and epochs tell one story.

A simple model stands beside the vault. It knows the rules of the state machine, not the code that
keeps them: sets, a state and a counter.
"""

from dataclasses import dataclass
from itertools import count

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from policies.model import ConsentState, Source
from tests.services.decisions import ANA, SESSION, allow, clock, deps, readable
from tests.services.publishing import one_clock, publish, work
from tests.services.test_consent_import import imported, take_over
from vault.services import consent, consent_later, customer, objection
from vault.services.choices import choices, look

__all__ = ["clock", "deps", "one_clock"]

S = ConsentState
ALLOWING = (S.GIVEN, S.RENEWED)
YEAR = 365 * 86_400_000  # ms; no year of these tests is a leap year
# What marketing may use besides the address, by the code of ethics in force.
MORE = ("contact.full_name", "contact.language", "contact.phone", "preferences.topics")
OLD = {
    "contact.full_name": "[read]",
    "contact.language": "[read]",
    "preferences.topics": "[read, write]",
    "preferences.store": "[read]",
    "contact.phone": "[read]",
}
BLOCK = (
    "    optional:\n"
    + "".join(f"      {name}: {use}\n" for name, use in OLD.items())
    + "    recipients: [newsletter]"
)

uses = st.frozensets(st.sampled_from(MORE), min_size=1)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("give"), st.none() | uses),
        st.tuples(st.sampled_from(["refuse", "withdraw", "later", "import", "sweep", "expire"])),
        st.tuples(st.just("drop"), st.sampled_from(MORE)),
        st.tuples(st.just("publish"), uses),
        st.tuples(st.just("object"), st.booleans()),
    ),
    min_size=3,
    max_size=9,
)


@dataclass
class Model:
    """What must hold of one customer and the purpose."""

    names: frozenset  # of the code in force
    state: ConsentState = S.UNKNOWN
    fields: frozenset = frozenset()
    until: int = 0
    epoch: int = 0
    unwritten: bool = False  # a new code did something that no event says yet
    objected: bool = False

    def now(self, ms):
        """Let time end what it ends."""
        if self.state in ALLOWING and ms >= self.until:
            self.state = S.EXPIRED

    def decide(self, state, fields=frozenset(), until=0):
        self.state, self.fields, self.until = state, fields, until
        self.epoch += 1
        self.unwritten = False

    def publish(self, names):
        old, self.names = self.names, names
        if self.state not in ALLOWING or names == old:
            return
        self.unwritten = True
        self.fields &= names
        if not names < old or not self.fields:
            self.state = S.REVOKED


versions, customers = count(1), count(1)
START = frozenset({"contact.email", "contact.full_name", "contact.language"})


async def to_code(deps, names):
    """Put a code in force under which marketing may use just these names."""
    deps.clock.turn(days=1)
    number = next(versions)
    block = "".join(f"      {name}: {OLD[name]}\n" for name in OLD if name in names)
    text = f"    optional:\n{block}    recipients: [newsletter]"
    # What only marketing used must be used by somebody, or the code would not compile.
    survey = "      interaction.survey_answer: [read, append]\n"
    support = (survey, f"{survey}      preferences.topics: [read]\n")
    await publish(
        deps,
        (BLOCK, text),
        support,
        version=f"{2027 + number // 99}-01-{1 + number % 99}",
        effective=deps.clock.now().date().isoformat(),
    )


async def step(deps, who, model, one):
    """Do one step with the vault and with the model."""
    verb, *rest = one
    deps.clock.turn(seconds=1)
    now = int(deps.clock.now().timestamp() * 1000)
    model.now(now)
    allowed = model.state in ALLOWING
    if verb == "give":
        fields = model.names if rest[0] is None else frozenset(rest[0]) & model.names
        if not fields:
            return
        outcome = await allow(deps, who, fields=() if rest[0] is None else tuple(sorted(fields)))
        same = allowed and fields == model.fields
        model.decide(S.RENEWED if same else S.GIVEN, fields, outcome.until_ms)
        assert abs(outcome.until_ms - now - YEAR) <= 86_400_000
    elif verb == "refuse":
        await consent.refuse(deps, who, "marketing", session=SESSION)
        if allowed:
            model.decide(S.WITHDRAWN)
        elif model.state not in {S.REFUSED, S.WITHDRAWN}:
            model.decide(S.REFUSED)
    elif verb == "withdraw":
        await consent.withdraw(deps, who, "marketing")
        if allowed:
            model.decide(S.WITHDRAWN)
    elif verb == "drop":
        await consent.withdraw(deps, who, "marketing", fields=rest)
        if allowed and rest[0] in model.fields:
            left = model.fields - set(rest)
            model.decide(S.GIVEN if left else S.WITHDRAWN, left, model.until)
    elif verb == "later":
        await consent_later.defer(deps, who, "marketing", session=SESSION)
        if model.state in {S.UNKNOWN, S.EXPIRED, S.REVOKED}:
            model.decide(S.DEFERRED)
    elif verb == "import":
        saved = await take_over(deps, who, imported(deps.clock, days=0))
        if model.state in {S.UNKNOWN, S.DEFERRED, S.EXPIRED}:
            model.decide(S.GIVEN, model.names, saved[0].consent.until_ms)
    elif verb == "publish":
        await to_code(deps, rest[0])
        model.now(int(deps.clock.now().timestamp() * 1000))
        model.publish(frozenset({"contact.email", *rest[0]}))
    elif verb == "sweep":
        await work(deps)
        model.epoch += model.unwritten
        model.unwritten = False
    elif verb == "expire":
        deps.clock.turn(days=400)
    elif verb == "object":
        act = objection.object_ if rest[0] else objection.lift
        model.epoch += await act(deps, who, "support")
        model.objected = rest[0]


async def agree(deps, who, model):
    """Compare what the page shows, what an app gets, and the epoch."""
    model.now(int(deps.clock.now().timestamp() * 1000))
    found = {one.purpose.id: one for one in await choices(deps, who)}
    shown = found["marketing"]
    assert shown.state is model.state
    if model.state in ALLOWING:
        assert shown.allowed == model.fields
        assert shown.until_ms == model.until
    readers = model.fields if model.state in ALLOWING else frozenset()
    assert await readable(deps, who) == set(readers) & set(ANA)
    assert found["support"].objected is model.objected
    load = await look(deps, who)
    assert load.found
    assert load.found.standing
    assert load.found.standing.epoch == model.epoch
    assert {row.epoch for row in load.found.consents} <= {model.epoch}


@settings(
    max_examples=8,
    deadline=None,
    # A failing example has nine steps at most; making it shorter would take minutes.
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(steps)
async def test_page_decision_and_epochs_agree_at_every_moment(deps, several):
    await to_code(deps, START)
    await work(deps)
    number = next(customers)
    values = {"contact.full_name": "Ana", "contact.email": f"ana{number}@example.org"}
    who = await customer.add(deps, values, source=Source.TOLD)
    model = Model(names=START)
    for one in several:
        await step(deps, who, model, one)
        await agree(deps, who, model)
