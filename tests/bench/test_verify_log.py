"""The log that the bench checks is one that holds, and its row says what was measured."""

import pytest

from bench import verify_log


def test_a_small_log_is_made_checked_and_told(tmp_path):
    row = verify_log.run(1, 3_000, tmp_path / "log")
    assert (row["what"], row["rounds"]) == ("verify 3,000 entries", 1)
    assert set(row) >= {"cpu_seconds", "seconds", "memory_mb", "must_cpu_seconds"}
    assert verify_log.check(tmp_path / "log")["cpu_seconds"] > 0
    assert (tmp_path / "log/checkpoints/3000").read_bytes() == (
        tmp_path / "log/checkpoint"
    ).read_bytes()


def test_a_log_that_does_not_hold_gives_no_row(tmp_path):
    folder = tmp_path / "log"
    verify_log.write(folder, 300)
    bundle = folder / "tile/entries/000"
    bundle.write_bytes(bundle.read_bytes()[:-1] + b"x")
    with pytest.raises(RuntimeError, match="does not hold: exit code 1"):
        verify_log.run(1, 300, folder)
