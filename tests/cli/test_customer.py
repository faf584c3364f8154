"""A customer is added by hand, decided by field and source; identifiers are never shared."""

from uuid import UUID

import pytest

from tests.cli.conftest import only_sqlite_made

ADD = ("customer", "add", "--source", "told", "--email")


def test_an_added_customer_has_an_id_and_the_address_is_taken(made):
    done = made.run(*ADD, "ana@example.org", "--set", "contact.full_name=Ana d'Ávila")
    assert done.code == 0
    assert UUID(done.out.strip()).version == 7
    again = made.run(*ADD, "ANA@example.org")
    assert again.code == 4
    assert again.err.startswith("identifier-taken: ")
    assert "example" not in again.err


def test_a_link_signs_in_as_a_customer_once_made(made):
    customer = made.run(*ADD, "ana@example.org").out.strip()
    done = made.run("customer", "link", customer)
    assert done.code == 0
    assert done.out.startswith(made.settings["OWNSHIP_ISSUER"] + "/sign-in/link/")
    assert made.run("customer", "link", "nobody").code == 2


def test_a_customer_is_erased_once_and_does_not_come_back(made):
    customer = made.run(*ADD, "ana@example.org").out.strip()
    assert made.run("customer", "erase", customer).code != 0  # nobody said yes
    asked = made.run("customer", "erase", customer, "--yes")
    assert (asked.code, asked.out[:10]) == (0, "Erased on ")
    done = made.run("customer", "erase", customer, "--now", "--yes")
    assert done.code == 0
    assert f"{made.settings['OWNSHIP_ISSUER']}/erased/" in done.out
    assert made.run("customer", "erase", customer, "--now", "--yes").code == 4
    again = made.run(*ADD, "ANA@example.org")
    assert (again.code, again.err.partition(":")[0]) == (4, "erased")


@only_sqlite_made
def test_a_value_may_come_from_a_file(made, tmp_path):
    name = tmp_path / "name"
    name.write_text("Ольга Щербакова\n", encoding="utf-8")
    done = made.run(*ADD, "olga@example.org", "--set", f"contact.full_name=@{name}")
    assert done.code == 0
    missing = made.run(*ADD, "x@example.org", "--set", f"contact.full_name=@{tmp_path / 'no'}")
    assert missing.code == 2


@only_sqlite_made
@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ((*ADD, "no address"), 2, "wrong-value"),
        ((*ADD, "x@example.org", "--set", "contact.shoe=44"), 2, "unknown-field"),
        ((*ADD, "x@example.org", "--set", "contact.birth_date=tomorrow"), 2, "not-a-date"),
        ((*ADD, "x@example.org", "--set", "contact.full_name"), 2, "group.name=VALUE"),
        ((*ADD, "x@example.org", "--set", "loyalty.points=5"), 4, "wrong-source"),
        (("customer", "add", "--source", "rumour", "--email", "x@example.org"), 2, "told"),
        (
            (*ADD, "x@example.org", "--set", "contact.phone=1", "--set", "contact.phone=2"),
            2,
            "twice",
        ),
    ],
)
def test_what_may_not_be_written_is_refused_by_name(made, words, code, said):
    done = made.run(*words)
    assert done.code == code, done.err
    assert said in done.err
    assert "tomorrow" not in done.err
    assert made.run(*ADD, "x@example.org").code == 0  # nothing of it was kept
