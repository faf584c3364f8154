"""What is over is shown, deleted and checked from the shell; holds are set, listed and lifted."""

import re
from datetime import UTC, datetime, timedelta

import pytest

NOTE = "preferences.delivery_note"
ADD = ("customer", "add", "--source", "told", "--email", "ana@example.org")
SOON = (datetime.now(UTC) + timedelta(days=300)).date().isoformat()


@pytest.fixture
def ana(made):
    return made.run(*ADD, "--set", f"{NOTE}=The blue door").out.strip()


def test_nothing_is_over_in_a_new_vault(made, ana):
    shown = made.run("retention", "show")
    assert re.search(rf"^{NOTE}\tP[0-9A-Z]+\t1\t\d{{4}}-\d\d-\d\d$", shown.out, re.MULTILINE)
    for words in (("sweep", "--dry-run"), ("sweep",)):
        done = made.run("retention", *words)
        assert done.code == 0
        assert done.out.splitlines()[-1].startswith("0 rows of 0 customers")
    assert made.run("retention", "check").code == 0


def test_a_hold_is_set_listed_read_and_lifted(made, ana):
    hold = ("hold", "set", ana, "--ground", "legal-claims", "--until", SOON, "--reason", "-")
    made_ = made.run(*hold, "--field", NOTE, stdin="The parcel never came.")
    assert made_.code == 0, made_.err
    number = made_.out.strip()
    listed = made.run("hold", "list")
    assert f"{number}\t{ana}\tstands\tlegal-claims\t{SOON}\t{NOTE}\toperator" in listed.out
    assert "parcel" not in listed.out
    assert made.run("hold", "show", ana, number).out == "The parcel never came.\n"
    assert made.run("hold", "lift", ana, number).code == 0
    assert made.run("hold", "lift", ana, number).code == 4


@pytest.mark.parametrize(
    "given",
    [
        ("--ground", "spite", "--until", SOON),
        ("--ground", "law", "--until", "tomorrow"),
        ("--ground", "law", "--until", "2020-01-01"),
        ("--ground", "law", "--until", SOON, "--field", "no.such"),
    ],
    ids=["ground", "day", "past", "name"],
)
def test_what_is_no_hold_is_refused_with_a_sentence(made, ana, given):
    done = made.run("hold", "set", ana, *given, "--reason", "-", stdin="x")
    assert done.code == 2
    assert done.err.strip()
