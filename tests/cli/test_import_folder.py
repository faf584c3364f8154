"""`import-folder` from the shell: once, on a schedule beside another, and how it ends."""

import re
import shutil
import signal
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.cli.conftest import Home, only_sqlite_made
from tests.services.import_shop import DATA
from vault.cli.main import cli

MAPPING = str(DATA / "mapping.yaml")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "in"
    path.mkdir()
    return path


def lay(folder: Path, name: str, file: str | None = None) -> None:
    """Lay a file down as a careful program does: under another name first."""
    part = folder / f"{name}.csv.part"
    shutil.copy(DATA / f"{file or name}.csv", part)
    part.rename(folder / f"{name}.csv")


def test_once_takes_what_is_there_and_says_what_came_of_it(made: Home, folder):
    lay(folder, "customers")
    lay(folder, "reviews", "order_reviews")
    lay(folder, "orders")
    (folder / "letter.pdf").write_bytes(b"%PDF-1.7")
    done = made.run("import-folder", MAPPING, str(folder), "--once", "--settled", "PT0S")
    assert done.code == 1
    lines = [re.sub(" [0-9a-f]{8}:", ":", line) for line in done.out.splitlines()]
    assert lines == [
        "customers: 5 rows: 4 customers added, 0 changed, 1 unchanged, 0 consents, 0 refused",
        "orders: 7 rows: 4 interactions added, 0 changed, 0 unchanged, 3 refused",
        "reviews: 4 rows: 3 interactions added, 0 changed, 0 unchanged, 1 refused",
        "a file: refused: No file of the mapping has this name. It has: customers, orders, reviews.",
    ]
    assert "letter" not in done.out + done.err
    assert (folder / "done" / "customers.csv").exists()
    assert (folder / "refused" / "orders.csv.refused.csv").exists()
    again = made.run("import-folder", MAPPING, str(folder), "--once")
    assert (again.code, again.out) == (0, "")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "either --once or --every"),
        (("--once", "--every", "PT1H"), "either --once or --every"),
        (("--every", "PT0S"), "a second or more"),
        (("--every", "1h"), "written as PT15M"),
        (("--once", "--settled", "PT"), "written as PT15M"),
    ],
)
def test_a_schedule_that_cannot_be_kept_ends_with_2(folder, words, said):
    done = CliRunner().invoke(cli, ["import-folder", MAPPING, str(folder), *words])
    assert (done.exit_code, said in done.output) == (2, True), done.output


@only_sqlite_made
def test_what_cannot_be_read_ends_with_2(made, folder, tmp_path):
    done = made.run("import-folder", f"{MAPPING}.none", str(folder), "--once")
    assert (done.code, "cannot be read" in done.err) == (2, True)
    done = made.run("import-folder", MAPPING, str(tmp_path / "none"), "--once")
    assert (done.code, "cannot be read" in done.err) == (2, True)


@pytest.mark.slow
def test_a_schedule_takes_what_comes_later_beside_another_and_ends_when_told(made: Home, folder):
    words = ("import-folder", MAPPING, str(folder), "--every", "PT1S", "--settled", "PT0S")
    several = [made.start(*words) for _ in range(2)]
    try:
        for name in ("customers", "orders"):
            lay(folder, name)
            end = time.monotonic() + 60
            while (folder / f"{name}.csv").exists():
                assert time.monotonic() < end
                time.sleep(0.05)
    finally:
        for one in several:
            one.send_signal(signal.SIGTERM)
        said = "".join(one.communicate(timeout=60)[0] for one in several)
    assert [one.returncode for one in several] == [0, 0], said
    assert said.count("4 customers added") == 1
    assert said.count("4 interactions added") == 1
    assert "taken in before" not in said
