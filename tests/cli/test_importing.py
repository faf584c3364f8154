"""`import` from the shell: what it prints, how it ends, and what it leaves beside the file."""

import shutil
import signal
import time
from pathlib import Path

import pytest

from tests.cli.conftest import Home, only_sqlite_made
from tests.services.import_shop import DATA

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
        (("{mapping}", "{people}", "people={people}"), "given twice"),
        (("{mapping}", "orders={people}"), "write NAME=FILE, with one of people"),
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


def test_several_files_are_imported_and_a_dry_run_writes_none(made, tmp_path):
    files = {
        name: shutil.copy(DATA / file, tmp_path / file)
        for name, file in (("reviews", "order_reviews.csv"), ("customers", "customers.csv"))
    }
    words = [f"{name}={path}" for name, path in files.items()]
    orders = shutil.copy(DATA / "orders.csv", tmp_path / "orders.csv")
    words.append(f"orders={orders}")
    mapping = str(DATA / "mapping.yaml")
    dry = made.run("import", "--dry-run", mapping, *words)
    assert (dry.code, "orders: 7 rows: 4 interactions added" in dry.out) == (1, True)
    assert "  contact.postal_address: 5 values" in dry.out
    assert "são paulo" not in dry.out + dry.err
    assert not Path(f"{orders}.refused.csv").exists()
    done = made.run("import", mapping, *words)
    assert done.code == 1
    assert done.out == (
        "customers: 5 rows: 4 customers added, 0 changed, 1 unchanged, 0 consents, 0 refused\n"
        "orders: 7 rows: 4 interactions added, 0 changed, 0 unchanged, 3 refused\n"
        "reviews: 4 rows: 3 interactions added, 0 changed, 0 unchanged, 1 refused\n"
    )
    assert "customers: UTF-8, parted by ','" in done.err
    assert "unknown-reference: 1, first in line 5" in done.err
    assert Path(f"{orders}.refused.csv").exists()
    alone = made.run("import", mapping, str(orders))
    assert (alone.code, "write NAME=FILE" in alone.err) == (2, True)


@only_sqlite_made
def test_mixed_encodings_are_told_with_the_line(made, mapping, people):
    people.write_bytes("email,name\na@example.org,José\n".encode() + b"b@example.org,Jos\xe9\n")
    done = made.run("import", str(mapping), str(people))
    assert (done.code, "Mixed encodings: see line 3" in done.err) == (1, True)


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
