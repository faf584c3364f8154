"""Bring figures together: medians, least and most, ratios of one run, JSON, and a plot.

A ratio is the median of the ratios of each round, never a ratio of medians of different minutes.
"""

import json
import statistics
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from bench import cpu


def median(values: Iterable[float]) -> float:
    """Return the middle of some figures; not a number where there is none."""
    kept = [value for value in values if value is not None]
    return statistics.median(kept) if kept else float("nan")


def spread(values: Iterable[float]) -> dict[str, float]:
    """Return median, least and most."""
    kept = list(values)
    return {"median": median(kept), "min": min(kept), "max": max(kept)}


def ratio(above: Sequence[float], below: Sequence[float]) -> dict[str, float]:
    """Return the ratios of the rounds: of each with its own round alone."""
    return spread(one / other for one, other in zip(above, below, strict=True))


def commit() -> str:
    """Return the commit that is measured; `+` where the tree has more."""
    run = lambda *words: subprocess.run(  # noqa: E731
        ["git", *words], capture_output=True, text=True, check=False
    ).stdout.strip()
    return run("rev-parse", "--short", "HEAD") + ("+" if run("status", "--porcelain") else "")


def document(name: str, **members: object) -> dict[str, object]:
    """Return what a bench writes: machine and commit beside its figures."""
    return {"bench": name, "machine": cpu.machine(), "commit": commit(), **members}


def goal(name: str, value: float, *, must: float, goal: float, unit: str = "") -> dict[str, object]:
    """Return one line of the table of goals; a smaller figure is better where the goal is smaller."""
    smaller = goal <= must  # of equal ones too: no more than none
    met = "goal" if (value <= goal if smaller else value >= goal) else ""
    met = met or ("must" if (value <= must if smaller else value >= must) else "no")
    return {"what": name, "value": value, "must": must, "goal": goal, "unit": unit, "met": met}


def text(rows: Sequence[Sequence[object]], head: Sequence[str]) -> str:
    """Return a table in Markdown, its columns of one width."""
    cells = [[show(one) for one in row] for row in (head, *rows)]
    widths = [max(len(row[place]) for row in cells) for place in range(len(head))]
    lines = [
        "| " + " | ".join(one.ljust(width) for one, width in zip(row, widths, strict=True)) + " |"
        for row in cells
    ]
    return "\n".join(
        [lines[0], "|" + "|".join("-" * (width + 2) for width in widths) + "|", *lines[1:]]
    )


def goals(lines: Iterable[Mapping[str, object]]) -> str:
    """Return the table of goals."""
    return text(
        [
            (
                one["what"],
                f"{show(one['value'])}{one['unit']}",
                one["must"],
                one["goal"],
                one["met"],
            )
            for one in lines
        ],
        ("what", "figure", "must", "goal", "met"),
    )


def show(value: object) -> str:
    """Return a figure as people read it."""
    if not isinstance(value, float):
        return f"{value:,}" if isinstance(value, int) else str(value)
    return (
        f"{value:,.0f}"
        if abs(value) >= 100
        else f"{value:.3g}"
        if abs(value) < 1
        else f"{value:.1f}"
    )


def write(found: Mapping[str, object], path: Path | None) -> None:
    """Write the figures as JSON."""
    written = json.dumps(found, indent=1, sort_keys=True) + "\n"
    if path is None:
        print(written, file=sys.stderr)
    else:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(written, encoding="utf-8")
