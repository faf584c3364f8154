"""The file of refused rows tells each row once, whatever happened to its batch."""

from pathlib import Path

import pytest

from vault.core.errors import RefusedError
from vault.services.import_refusals import Refusals
from vault.services.import_table import Refused

ONE, TWO, THREE = (Refused(line, "name", "too-long") for line in (2, 5, 9))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "people.csv.refused.csv"


def lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


def test_nothing_refused_makes_no_file(path):
    refusals = Refusals(path, after=0)
    refusals.stage([])
    refusals.keep([])
    assert not path.exists()


def test_a_try_that_failed_is_taken_back(path):
    refusals = Refusals(path, after=0)
    refusals.stage([ONE])
    refusals.keep([ONE])
    refusals.stage([TWO, THREE])
    refusals.stage([THREE])
    refusals.keep([THREE])
    assert lines(path) == ["line,column,reason", "2,name,too-long", "9,name,too-long"]
    assert refusals.count == 2


def test_a_run_that_goes_on_keeps_what_was_committed(path):
    first = Refusals(path, after=0)
    first.stage([ONE, TWO])
    first.keep([ONE, TWO])
    first.stage([THREE])
    again = Refusals(path, after=5)
    assert again.count == 2
    assert lines(path) == ["line,column,reason", "2,name,too-long", "5,name,too-long"]


def test_a_run_from_the_start_begins_anew(path):
    first = Refusals(path, after=0)
    first.stage([ONE])
    assert Refusals(path, after=0).count == 0
    assert not path.exists()


@pytest.mark.parametrize("content", [b"notes\n", b"\xff\xfe", b""])
def test_a_file_that_is_not_ours_stays(path, content):
    path.write_bytes(content)
    with pytest.raises(RefusedError):
        Refusals(path, after=0)
    assert path.read_bytes() == content
