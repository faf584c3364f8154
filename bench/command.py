"""Read what a bench is asked for, run it, keep its figures, and fail where one is below its floor."""

import argparse
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from bench import table


def run(
    bench: Callable[..., Mapping[str, Any]],
    about: str,
    *,
    quick: Mapping[str, Any],
    floor: float | None,
    rounds: int = 5,
) -> None:
    """Run `bench(rounds)` as the command line says.

    Args:
        bench: returns a document of `bench/table.py`.
        about: one line for `--help`.
        quick: more arguments of its one round with `--quick`.
        floor: what no figure of its goals may be above with `--check`; None where the run itself fails.
        rounds: unless `--rounds` says otherwise.
    """
    words = argparse.ArgumentParser(description=about)
    words.add_argument("--rounds", type=int, default=rounds)
    words.add_argument("--json", type=Path, help="file of the figures")
    words.add_argument("--check", action="store_true", help="exit 1 above the floor")
    words.add_argument("--quick", action="store_true", help="one short round")
    asked = words.parse_args()
    found = bench(1, **quick) if asked.quick else bench(asked.rounds)
    if asked.json:
        table.write(found, asked.json)
    goals = found.get("goals", ())
    if goals:
        print(table.goals(goals))
    if floor is None or not asked.check:
        return
    if not all(one["value"] <= floor for one in goals):  # what is not a number fails too
        sys.exit("above the floor: see the table")
