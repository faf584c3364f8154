"""Other programs' work is noise; that of our own children is none."""

import os

import pytest

from bench import cpu


@pytest.mark.parametrize(("ours", "noise"), [(0.0, 0.5), (0.3, 0.2), (0.5, 0.0)])
def test_what_our_own_processes_do_is_no_noise(monkeypatch, ours, noise):
    ticks = iter([(1_000, 5_000), (1_000 + cpu.TICK // 2, 5_000 + cpu.TICK)])
    seconds = iter([7.0, 7.0 + ours])
    monkeypatch.setattr(cpu, "_busy", lambda: next(ticks))
    monkeypatch.setattr(cpu, "used", lambda roots: next(seconds) if roots == [os.getpid()] else 0)
    assert cpu.noise(0.0) == pytest.approx(noise, abs=0.02)


def test_a_process_that_has_ended_is_left_out():
    assert cpu.tree(1 << 30) == [1 << 30]
    assert cpu.used([1 << 30]) == 0
