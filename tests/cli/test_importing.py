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
    rows = [f"p{number}@example.org,P{number}\n" for number in range(6_000)]
    rows[0] = rows[1_500] = "broken,X\n"
    people.write_text("email,name\n" + "".join(rows), encoding="utf-8")
    process = made.start("import", str(mapping), str(people))
    # The second refusal is on the disk: its batch is under way, so the one before is committed.
    listed = Path(f"{people}.refused.csv")
    while not listed.exists() or listed.read_text(encoding="utf-8").count("\n") < 3:
        assert process.poll() is None, "it was over, or failed, before it could be cut"
        time.sleep(0.01)
    process.send_signal(how)
    said, _ = process.communicate(timeout=60)
    assert process.returncode == (130 if how is signal.SIGINT else -how), said
    if how is signal.SIGINT:
        assert "again" in said
    done = made.run("import", str(mapping), str(people))
    assert (done.code, done.out.startswith("6,000 rows: ")) == (1, True)
    assert listed.read_text(encoding="utf-8") == (
        "line,column,reason\n2,email,not-an-email\n1502,email,not-an-email\n"
    )
    assert made.run("import", str(mapping), str(people)).out == (
        "6,000 rows: 0 customers added, 0 changed, 5,998 unchanged, 0 consents, 2 refused\n"
    )


def test_an_interrupt_at_the_end_changes_nothing(made: Home, mapping, people):
    """Pressed while the interpreter goes down, it is no failure of an import that stands."""
    people.write_text("email,name\nana@example.org,Ana\n", encoding="utf-8")
    process = made.start("import", str(mapping), str(people))
    assert process.stdout
    said = ""
    while not said.endswith("refused\n"):
        said += process.stdout.readline()
    process.send_signal(signal.SIGINT)
    rest, _ = process.communicate(timeout=60)
    assert (process.returncode, rest) == (0, "")
