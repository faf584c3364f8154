"""The page of what a version changed: what is deleted, what asks nobody, what is promised no more."""

import pytest

from tests.services.publishing import one_clock, publish, work
from tests.vaults import SAMPLE

__all__ = ["one_clock"]

SAYS_ALL = SAMPLE.with_name("sample-2026-11-3.yaml")
LATER = {"version": "2027-01", "effective": "2027-01-15", "base": SAYS_ALL}


def part(begin, end):
    return SAYS_ALL.read_text(encoding="utf-8").partition(begin)[2].partition(end)[0]


def changes():
    """Return a version that deletes a field, asks more by contract, and promises less."""
    gift = part("  preferences.gift_wrap:", "\n  machine.model:")
    selling = part("  selling:", "\n  following:")
    return (
        (f"  preferences.gift_wrap:{gift}\n", ""),
        ("      preferences.gift_wrap: [read]\n", ""),
        ("      preferences.gift_wrap: [read, write]\n", ""),
        (", preferences.gift_wrap]", "]"),
        ("        gifts: {preferences.gift_wrap: [yes]}\n", ""),
        (f"  selling:{selling}\n", ""),
        ("    recipients: [workshop, delivery]", "    recipients: [workshop, delivery, carrier]"),
    )


@pytest.fixture
async def full(deps):
    """The vault under the sample that says everything."""
    await publish(deps, base=SAYS_ALL, version="2026-12", effective="2026-12-01")
    await publish(deps, *changes(), **LATER)


async def test_it_names_what_is_deleted_what_asks_nobody_and_what_is_promised_no_more(
    visitor, full
):
    page = (await visitor.get("/code/2027-01/changes")).text
    for words in (
        "It holds from 15 January 2027.",
        "We delete: Gifts wrapped, from 15 January 2027",
        "It rests on what you asked of us, so you are not asked anew.",
        "We promise less than before. We write to everybody about it.",
        "<del>We never sell or lend what we know about you",
    ):
        assert words in page, words
    assert page.count("so you are not asked anew") == 1


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("pt-PT", "Apagamos: Embrulho de oferta, a partir de 15 de janeiro de 2027"),
        ("pt-BR", "Apagamos: Embrulho de presente, a partir de 15 de janeiro de 2027"),
    ],
)
async def test_it_does_so_in_portuguese(visitor, full, lang, said):
    page = (await visitor.get(f"/code/2027-01/changes?lang={lang}")).text
    assert said in page
    assert "We " not in page.partition("<main")[2].partition("</main>")[0]


async def test_a_version_that_keeps_everything_says_nothing_of_it(visitor, deps):
    await publish(deps, ("what: We write or", "what: We write, or"))
    page = (await visitor.get("/code/2026-12/changes")).text
    assert "We delete" not in page
    assert "We promise less" not in page
    assert "Nobody is asked, but you can object" in page  # of the new clause on an interest


async def test_the_choices_mark_a_clause_that_asks_more_without_asking(person, deps):
    mark = "asks for more here than the one before"
    assert mark not in (await person.get("/privacy")).text
    await publish(deps)
    await work(deps)
    page = (await person.get("/privacy")).text
    assert page.count(mark) == 1
    of_delivery = page.partition('id="delivery"')[2].partition("</article>")[0]
    assert mark in of_delivery
    assert "<ins>Parcel carrier (Quayside Parcels)</ins>" in of_delivery
