"""Count the CPU that trees of processes use, from /proc: user and system, the living and the dead.

A tree is a process and all its descendants, found anew at each look. A child that ended and was
waited for is in its parent's count of children, so nothing is lost while a tree lives.
"""

import os
import platform
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")  # ticks a second
DIRTY = 0.15  # share of all cores that other work may take beside a measurement


def tree(root: int) -> list[int]:
    """Return a process and its descendants."""
    found, waiting = [], [root]
    while waiting:
        pid = waiting.pop()
        found.append(pid)
        with suppress(OSError):  # it ended meanwhile
            for task in list(Path(f"/proc/{pid}/task").iterdir()):
                with suppress(OSError):
                    waiting += map(int, (task / "children").read_text().split())
    return found


def used(roots: Iterable[int]) -> float:
    """Return the CPU seconds of some trees so far."""
    ticks = 0
    for root in roots:
        for pid in tree(root):
            try:
                fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            ticks += sum(map(int, fields[11:15]))  # utime, stime, cutime, cstime
    return ticks / TICK


def _busy() -> tuple[float, float]:
    numbers = list(map(int, Path("/proc/stat").read_text().partition("\n")[0].split()[1:9]))
    return sum(numbers) - numbers[3] - numbers[4], sum(numbers)  # without idle and iowait


def noise(seconds: float = 0.4) -> float:
    """Return the share of all cores that other programs take now.

    What this process and its children do is no noise: a server of ours may put its house in order
    behind a measurement, and a database its files.
    """
    own = [os.getpid()]
    (busy, total), ours = _busy(), used(own)
    time.sleep(seconds)
    (busy_, total_), ours_ = _busy(), used(own)
    others = busy_ - busy - (ours_ - ours) * TICK
    return max(0.0, others / max(1, total_ - total))


def machine() -> dict[str, object]:
    """Say what the figures were measured on."""
    names = [
        line for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line
    ]
    return {
        "cpu": names[0].partition(":")[2].strip() if names else "unknown",
        "cores": os.cpu_count(),
        "kernel": os.uname().release,
        "python": platform.python_version(),
    }
