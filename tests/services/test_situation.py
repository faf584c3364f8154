"""What a load says to a decision: only what its MACs say the vault wrote."""

from dataclasses import replace
from datetime import timedelta

import pytest

from policies.model import ConsentState, Source
from policies.situation import Terms
from tests.services.decisions import allow, ana, clock, deps
from vault.core import terms
from vault.core.ids import NOBODY
from vault.services import standing
from vault.services.choices import look
from vault.services.situation import situation, unix_ms, untold
from vault.store.value import ValueRow

__all__ = ["ana", "clock", "deps"]


def with_standing(load, row):
    return replace(load, found=replace(load.found, standing=row))


async def test_a_customer_whom_nobody_knows_has_no_situation(deps, ana):
    load = replace(await look(deps, ana), customer=NOBODY, found=None)
    found = situation(deps, load)
    assert (found.known, found.intact, dict(found.consents)) == (False, False, {})


async def test_a_new_customer_is_intact_and_has_decided_nothing(deps, ana, clock):
    found = situation(deps, await look(deps, ana))
    assert (found.known, found.intact, found.restricted) == (True, True, False)
    assert (found.terms, found.objections, found.untold) == (Terms(), frozenset(), frozenset())
    assert found.now == unix_ms(clock.now())


async def test_restriction_objections_and_terms_are_read_from_an_intact_row(deps, ana):
    load = await look(deps, ana)
    assert load.found
    assert load.found.standing
    wanted = Terms(paused=True, never_apps=frozenset({"newsletter"}))
    row = replace(
        load.found.standing,
        flags=terms.RESTRICTED,
        objections=terms.dump_names(frozenset({"support"})),
        terms=terms.dump_terms(wanted),
    )
    broken = situation(deps, with_standing(load, row))
    assert (broken.intact, broken.restricted, broken.terms) == (False, False, Terms())
    good = situation(deps, with_standing(load, standing.sign(deps, row)))
    assert (good.intact, good.restricted) == (True, True)
    assert (good.objections, good.terms) == (frozenset({"support"}), wanted)


async def test_a_missing_standing_row_denies_a_customer_who_is_known(deps, ana):
    await allow(deps, ana)
    found = situation(deps, with_standing(await look(deps, ana), None))
    assert (found.known, found.intact, dict(found.consents)) == (True, False, {})


async def test_a_standing_row_of_another_customer_is_broken(deps, ana):
    load = await look(deps, ana)
    other = standing.fresh(deps, NOBODY)
    assert situation(deps, with_standing(load, other)).intact is False


async def test_a_consent_of_another_epoch_is_broken_even_with_a_good_mac(deps, ana):
    before = await look(deps, ana)
    await allow(deps, ana)
    after = await look(deps, ana)
    assert situation(deps, after).consents["marketing"].intact is True
    assert before.found
    old = with_standing(after, before.found.standing)
    fact = situation(deps, old).consents["marketing"]
    assert (fact.intact, fact.state, fact.fields) == (
        False,
        ConsentState.INVALIDATED,
        frozenset(),
    )


@pytest.mark.parametrize(
    ("source", "told", "expected"),
    [
        (Source.THIRD_PARTY, False, {"a.b"}),
        (Source.THIRD_PARTY, True, set()),
        (Source.TOLD, False, set()),
    ],
)
def test_a_third_partys_value_is_untold_until_the_customer_is_told(clock, source, told, expected):
    row = ValueRow(
        customer=NOBODY,
        field="a.b",
        value_id=NOBODY,
        schema=1,
        row_version=1,
        generation=1,
        sealed=b"",
        source=source.value,
        gathered_at=clock.now(),
        told_at=clock.now() if told else None,
    )
    assert untold([row]) == expected


def test_milliseconds_are_rounded_down_and_exact(clock):
    assert unix_ms(clock.now() + timedelta(microseconds=749)) == unix_ms(clock.now())
