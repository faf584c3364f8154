"""The record of processing says what code and registrations say, all of it and nothing else."""

from hypothesis import assume, given
from hypothesis import strategies as st

from policies.model import Action, Permission
from tests.policies.generated import ALL, APPS, rulebook_of
from tests.vaults import RULEBOOK
from vault.core.processing_record import Beyond, build

SEEDS = st.integers(0, 2**32)
REGISTERED = st.dictionaries(
    st.sampled_from([*APPS, "stranger"]), st.frozensets(st.sampled_from(sorted(ALL)), max_size=40)
)


def whole(seed):
    """Return a code that names every detail that it uses, as a compiled one does."""
    rulebook = rulebook_of(seed)
    known = rulebook.fields.keys() | rulebook.interactions.keys()
    assume(all(purpose.names <= known for purpose in rulebook.code.purposes))
    return rulebook


def received(record):
    return {
        (one.app, Permission(line.purpose.id, action, line.name))
        for line in record.lines
        for one in line.receivers
        for action in one.actions
    }


@given(SEEDS, REGISTERED)
def test_every_approval_is_in_it_once_and_nothing_else(seed, registered):
    rulebook = whole(seed)
    record = build(rulebook, registered)
    approved = {(app, one) for app, several in registered.items() for one in several}
    beyond = {(one.app, one.permission) for one in record.beyond}
    assert received(record) | beyond == approved
    assert not received(record) & beyond
    assert beyond == {
        (app, one)
        for app, several in registered.items()
        for one in rulebook.uncovered(several, app=app)
    }


@given(SEEDS, REGISTERED)
def test_every_clause_of_the_code_is_in_it_and_nothing_else(seed, registered):
    rulebook = whole(seed)
    record = build(rulebook, registered)
    said = {
        (line.purpose.id, action, line.name) for line in record.lines for action in line.actions
    }
    assert said == {
        (purpose, action, name)
        for (purpose, action), clause in rulebook.clauses.items()
        for name in clause.names
    }
    assert len(record.lines) == len({(line.purpose.id, line.name) for line in record.lines})


@given(SEEDS, REGISTERED)
def test_an_app_that_the_code_names_is_received_by_or_said_to_be_missing(seed, registered):
    for line in build(whole(seed), registered).lines:
        there = {one.app for one in line.receivers}
        assert there | set(line.named_alone) == set(line.purpose.recipients)
        assert not there & set(line.named_alone)


@given(SEEDS, REGISTERED, st.sampled_from([*APPS, "stranger"]), st.sampled_from(sorted(ALL)))
def test_a_registration_that_changes_changes_it(seed, registered, app, one):
    rulebook = whole(seed)
    more = {**registered, app: registered.get(app, frozenset()) | {one}}
    less = {**registered, app: registered.get(app, frozenset()) - {one}}
    with_it, without = build(rulebook, more), build(rulebook, less)

    def told(record):
        return received(record) | {(each.app, each.permission) for each in record.beyond}

    assert told(with_it) - told(without) == {(app, one)}
    assert told(without) <= told(with_it)


def test_it_marks_what_is_frozen_and_names_what_is_broken():
    one = Permission("delivery", Action.READ, "contact.email")
    record = build(RULEBOOK, {"delivery": {one}}, frozen={"delivery"}, broken={"loyalty"})
    (line,) = (line for line in record.of("delivery") if line.name == "contact.email")
    assert [(each.app, each.frozen) for each in line.receivers] == [("delivery", True)]
    assert record.broken == ("loyalty",)
    assert record.beyond == ()


def test_an_app_of_no_clause_receives_nothing():
    one = Permission("delivery", Action.READ, "contact.email")
    record = build(RULEBOOK, {"spy": {one}})
    assert record.beyond == (Beyond("spy", one),)
    assert not any(each.app == "spy" for line in record.lines for each in line.receivers)
