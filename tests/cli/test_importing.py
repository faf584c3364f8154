"""`import` from the shell: what it prints, how it ends, and what it leaves beside the file."""

import signal
import time
from pathlib import Path

import pytest

from tests.cli.conftest import Home, only_sqlite_made

MAPPING = """
mapping: 1
files: {people: {format: csv}}
people:
  identify: {contact.email: email}
  source: told
  fields: {contact.full_name: name}
"""


@pytest.fixture
def mapping(tmp_path: Path) -> Path:
    path = tmp_path / "mapping.yaml"
    path.write_text(MAPPING)
    return path


@pytest.fixture
def people(tmp_path: Path) -> Path:
    path = tmp_path / "people.csv"
    path.write_text(
        "email,name\nana@example.org,Ana\nbroken,Bo\n李@example.org,李\n", encoding="utf-8"
    )
    return path


def test_refused_rows_are_listed_beside_the_file_and_the_rest_is_imported(made, mapping, people):
    done = made.run("import", str(mapping), str(people))
    assert done.code == 1
    assert done.out == (
        "3 rows: 2 customers added, 0 changed, 0 unchanged, 0 consents, 1 refused\n"
    )
    listed = Path(f"{people}.refused.csv").read_text(encoding="utf-8")
    assert listed == "line,column,reason\n3,email,not-an-email\n"
    assert "Ana" not in done.err + listed
    again = made.run("import", str(mapping), f"people={people}")
    assert (again.code, "0 customers added, 0 changed, 2 unchanged" in again.out) == (1, True)


@only_sqlite_made
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("{mapping}", "{people}", "{people}"), "one file at a time"),
        (("{mapping}", "orders={people}"), "write people=FILE"),
        (("{mapping}", "{people}.none"), "cannot be read"),
        (("{mapping}.none", "{people}"), "cannot be read"),
        (("{people}", "{people}"), "people.csv:1:1"),
        (("--max-size", "10", "{mapping}", "{people}"), "larger than 10 bytes"),
    ],
)
def test_input_that_cannot_be_used_ends_with_2_before_anything_is_written(
    made, mapping, people, words, said
):
    done = made.run("import", *(word.format(mapping=mapping, people=people) for word in words))
    assert done.code == 2
    assert said in done.err
    assert made.run("import", str(mapping), str(people)).out.startswith("3 rows: 2 customers added")


@only_sqlite_made
def test_a_missing_column_refuses_the_file(made, mapping, people):
    people.write_text("mail,name\nana@example.org,Ana\n")
    done = made.run("import", str(mapping), str(people))
    assert (done.code, "no column 'email'" in done.err) == (2, True)


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_an_import_that_was_cut_goes_on(made: Home, mapping, people, how):
    rows = "".join(f"p{number}@example.org,P{number}\n" for number in range(2_000))
    people.write_text("email,name\n" + rows, encoding="utf-8")
    process = made.start("import", str(mapping), str(people))
    time.sleep(2.5)
    process.send_signal(how)
    said, _ = process.communicate(timeout=60)
    # Where it was over already, the signal may have met the interpreter on its way out.
    over = {0, -signal.SIGINT} if said.count(" refused") else set()
    assert process.returncode in {130, -signal.SIGKILL} | over, said
    if process.returncode == 130:
        assert "again" in said
    done = made.run("import", str(mapping), str(people))
    assert done.code == 0
    assert done.out.startswith("2,000 rows: ")
    assert made.run("import", str(mapping), str(people)).out == (
        "2,000 rows: 0 customers added, 0 changed, 2,000 unchanged, 0 consents, 0 refused\n"
    )
