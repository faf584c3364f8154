"""Show the figures of the last run: tables in README and documents, and a plot.

    python -m bench.report [--check]

Everything comes from `bench/results/*.json`, which `make bench` writes; what stands between the
marks of a document is written by this program alone, and a test compares the two.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from bench import plot, table

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "bench" / "results"
PLOT = ROOT / "docs" / "performance.svg"
BEGIN, END = "<!-- figures: {name} -->\n", "<!-- end of figures -->\n"
SHOWN = {
    "README.md": ("goals",),
    "docs/performance.md": ("goals", "cells", "machine"),
}
NONE = "No run of `make bench` is kept in this tree.\n"


def results(folder: Path = RESULTS) -> dict[str, dict[str, Any]]:
    """Return what the benches wrote, by name."""
    return {path.stem: json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))}


def render(name: str, found: dict[str, dict[str, Any]]) -> str:
    """Return the figures of a kind as Markdown."""
    if not found:
        return NONE
    return {"goals": _goals, "cells": _cells, "machine": _machine}[name](found)


def _goals(found: dict[str, dict[str, Any]]) -> str:
    return table.goals([line for one in found.values() for line in one.get("goals", ())]) + "\n"


def _cells(found: dict[str, dict[str, Any]]) -> str:
    rows = []
    for one in found.get("consented_read", {}).get("cells", ()):
        used = one["cpu_us"]
        rows.append(
            (
                plot.NAMES[one["kind"]],
                one["connections"],
                float(round(one["rate"]["median"])),
                f"{one['p50_ms']:.1f} / {one['p99_ms']:.1f}",
                f"{used['product']:.0f}" if "product" in used else "",
                f"{used['postgresql']:.0f}" if "postgresql" in used else "",
                _of(one, "pair"),
                _of(one, "transaction"),
                _of(one, "naive"),
            )
        )
    head = (
        "what", "connections", "a second", "p50 / p99 ms", "app us", "PostgreSQL us",
        "of the pair", "of the transaction", "of the naive",
    )  # fmt: skip
    return table.text(rows, head) + "\n" if rows else NONE


def _of(one: dict[str, Any], other: str) -> str:
    return f"{one['ratios'][other]['median']:.2f}" if other in one["ratios"] else ""


def _machine(found: dict[str, dict[str, Any]]) -> str:
    lines = []
    for name, one in found.items():
        where = one["machine"]
        rounds = one.get("rounds")
        said = ""
        if isinstance(rounds, list):  # some count their rounds, and keep none apart
            dirty = sum(bool(each.get("dirty")) for each in rounds)
            said = f"{len(rounds)} measurements, {dirty} beside other work"
        lines.append(
            f"* `{name}`: commit {one['commit']}, {where['cores']} cores of {where['cpu']}, "
            f"Python {where['python']}. {said}"
        )
    return "\n".join(line.rstrip() for line in lines) + "\n"


def written(text: str, names: tuple[str, ...], found: dict[str, dict[str, Any]]) -> str:
    """Return a document with its figures.

    Raises:
        ValueError: it has no place for one of them.
    """
    for name in names:
        begin = BEGIN.format(name=name)
        if text.count(begin) != 1:
            raise ValueError(f"a document has no place, or two, for the figures {name!r}")
        head, rest = text.split(begin)
        text = f"{head}{begin}\n{render(name, found)}\n{END}{rest.partition(END)[2]}"
    return text


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    words.add_argument("--check", action="store_true", help="change nothing; exit 1 if it would")
    asked = words.parse_args()
    found = results()
    wanted = {
        ROOT / path: written((ROOT / path).read_text(encoding="utf-8"), names, found)
        for path, names in SHOWN.items()
    }
    wanted[PLOT] = plot.draw(found)
    differ = [
        path for path, text in wanted.items() if not path.exists() or path.read_text() != text
    ]
    if asked.check and differ:
        sys.exit("Run `python -m bench.report`: " + ", ".join(path.name for path in differ))
    for path in differ:
        path.write_text(wanted[path], encoding="utf-8")


if __name__ == "__main__":
    main()
