"""Whatever a customer decides, in whatever order: traits are there where they may be, and nowhere else."""

from dataclasses import dataclass, field, replace
from random import Random

import pytest
from sqlalchemy import select

from tests import traits
from tests.services import opened, shopping
from tests.services.decisions import allow
from tests.vaults import vault
from vault.services import consent, contest, objection, restriction, standing_change, trait
from vault.services import field as own
from vault.store.value import value as values

STEPS = 60
PURPOSE = dict.fromkeys(traits.TRAITS, "rewards") | {"days": "fraud"}


@pytest.fixture
async def deps(database, tmp_path, clock):
    async with vault(database, tmp_path, clock=clock) as made:
        await traits.publish(made)
        yield made


@dataclass
class Model:
    """What a customer decided, as a person would remember it."""

    agrees: bool = False
    objects: bool = False
    no_profiling: bool = False
    restricted: set[str] = field(default_factory=set)
    contested: set[str] = field(default_factory=set)
    told: str | None = None  # of traits.group
    coffee: str = "espresso"
    totals: list[int] = field(default_factory=list)
    calls: int = 0
    found: dict[str, object] = field(default_factory=dict)  # what is stored

    def may(self, name):
        agreed = self.agrees if PURPOSE[name] == "rewards" else not self.objects
        return agreed and not self.no_profiling and name not in self.contested

    def value(self, name):
        bought = len(self.totals)
        return {
            "often": ("often" if bought >= 4 else "seldom") if bought >= 2 else None,
            "spent": sum(self.totals) if bought else None,
            "days": 0 if bought else None,
            "group": {"espresso": "purist", "filter": "explorer"}[self.coffee],
            "way": None if bought == self.calls else ("shop" if bought > self.calls else "phone"),
        }[name]

    def run(self):
        """What a run leaves."""
        for name in PURPOSE:
            if name in self.restricted or (name == "group" and self.told):
                continue
            made = self.value(name) if self.may(name) else None
            if made is None:
                self.found.pop(name, None)
            else:
                self.found[name] = made


async def stored(deps, who):
    """What is stored of traits, whatever may be read of it: name -> source and version."""
    async with deps.database.connect() as conn:
        wanted = select(values.c.field, values.c.source, values.c.row_version).where(
            values.c.customer_id == who, values.c.field.like("traits.%")
        )
        return {
            name.removeprefix("traits."): (source, version)
            for name, source, version in await conn.execute(wanted)
        }


async def step(deps, who, model, lot):
    """Let something happen, and let the model remember it."""
    name = lot.choice(sorted(PURPOSE))
    now = await stored(deps, who)
    match lot.randrange(20):
        case 0 | 1:
            await allow(deps, who, "rewards")
            model.agrees = True
        case 2:
            await consent.withdraw(deps, who, "rewards", request=None)
            model.agrees = False
        case 3:
            await objection.object_(deps, who, "fraud")
            model.objects = True
        case 4:
            await objection.lift(deps, who, "fraud")
            model.objects = False
        case 5:
            model.no_profiling = not model.no_profiling
            await profiling(deps, who, no=model.no_profiling)
        case 6:
            await restriction.restrict_field(deps, who, f"traits.{name}", request=None)
            model.restricted.add(name)
        case 7:
            for one in sorted(model.restricted):
                await restriction.lift_field(deps, who, f"traits.{one}", request=None)
            model.restricted.clear()
        case 8:
            version = now[name][1] if name in now else 0
            if await contest.make(deps, who, f"traits.{name}", version=version, request=None):
                model.contested.add(name)
                if name not in model.restricted and not (name == "group" and model.told):
                    model.found.pop(name, None)
        case 9:
            for one in sorted(model.contested):
                await contest.take_back(deps, who, f"traits.{one}", request=None)
            model.contested.clear()
        case 10:
            version = now["group"][1] if "group" in now else 0
            model.told = lot.choice(["purist", "explorer"])
            await own.correct(deps, who, "traits.group", model.told, version=version, request="r")
            model.found.pop("group", None)
        case 11:
            model.coffee = lot.choice(["espresso", "filter"])
            await coffee(deps, who, model.coffee)
        case _ if model.agrees and not model.no_profiling:  # an event is appended under the purpose
            if lot.random() < 0.4:
                await shopping.happens(deps, who, "call")
                model.calls += 1
            else:
                total = lot.randint(1, 9)
                await shopping.happens(deps, who, total=total)
                model.totals.append(total)


async def profiling(deps, who, *, no):
    await standing_change.set_terms(deps, who, lambda terms: replace(terms, no_profiling=no))


async def coffee(deps, who, value):
    async with deps.database.connect() as conn:
        wanted = select(values.c.row_version).where(
            values.c.customer_id == who, values.c.field == "preferences.coffee"
        )
        version = (await conn.execute(wanted)).scalar_one_or_none() or 0
    await own.correct(deps, who, "preferences.coffee", value, version=version, request="r")


@pytest.mark.parametrize("seed", range(3))
async def test_traits_are_where_they_may_be_and_nowhere_else(deps, seed):
    lot, model = Random(seed), Model()
    who = await shopping.add(deps, agrees=False)
    for number in range(STEPS):
        await step(deps, who, model, lot)
        if lot.random() < 0.5:
            before = await looked(deps, who)
            await trait.work_out(deps, [who])
            model.run()
            expected = set(model.found) | ({"group"} if model.told else set())
            found = await stored(deps, who)
            assert set(found) == expected, (seed, number)
            await fresh_looks(deps, who, model, before, (seed, number))
            await read_back(deps, who, model, found, (seed, number))


async def looked(deps, who):
    """How many entries of the vault's own there are."""
    return len([one for one in await opened.payloads(deps, who) if one["actor"] == "vault"])


async def fresh_looks(deps, who, model, before, where):
    """No look and no write of the vault's came about under a purpose that did not allow it."""
    mine = [one for one in await opened.payloads(deps, who) if one["actor"] == "vault"]
    for one in mine[before:]:
        if one["purpose"] == "rewards":
            assert model.agrees, where
        if one["purpose"] == "fraud":
            assert not model.objects, where
        if one["purpose"] is not None:
            assert not model.no_profiling, where
            written = {name for name, _ in one.get("sources", ())}
            assert not written & {f"traits.{name}" for name in model.contested}, where


async def read_back(deps, who, model, found, where):
    """What an app that may is told is what the model comes to."""
    if not model.agrees or model.no_profiling:
        return
    for name in ("often", "spent", "way"):
        if name in found and name not in model.restricted:
            assert await shopping.read(deps, who, name) == (model.found[name], "inferred"), where
