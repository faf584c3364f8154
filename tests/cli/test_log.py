"""The shell judges the access log for all customers, and says what breaks its rule."""

import re
import sqlite3

from tests.cli.conftest import only_sqlite_made

ADD = ("customer", "add", "--source", "told", "--email", "ana@example.org")


def test_a_log_that_keeps_its_rule_is_said_to(made):
    made.run(*ADD)
    done = made.run("log", "barrier")
    assert done.code == 0, done.err
    first, second = done.out.splitlines()
    assert re.fullmatch(
        r"\d+ entries of \d customers, 0 changes, 0 looks that overlapped one \(the latest 0 ms .*",
        first,
    )
    assert second == "Nothing was allowed by what had ended, and no change is hidden."


@only_sqlite_made
def test_a_list_that_names_what_is_not_in_the_log_ends_with_1(made):
    who = made.run(*ADD).out.strip()
    (file,) = made.path.rglob("*.sqlite*")
    with sqlite3.connect(file) as edited:
        edited.execute(
            "INSERT INTO customer_entry (customer_id, log_id, idx) VALUES (?, 0, 4711)",
            (who.replace("-", ""),),
        )
    done = made.run("log", "barrier")
    assert done.code == 1
    assert "missing\t4711\t" in done.out
    assert "The log breaks its rule 1 times." in done.err
    assert who not in done.out + done.err
