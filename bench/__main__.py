"""Run every bench, one behind the other, and show what came: `make bench`.

    python -m bench [--only NAME…] [--quick] [--rounds N] [--check]

A bench is a module of this folder that writes a document (`bench/table.py`). Its figures go to
`bench/results/NAME.json`, and from there into README, documents and plot.
"""

import argparse
import subprocess
import sys
from pathlib import Path

from bench import report, table

FOLDER = Path(__file__).parent
NOT_BENCHES = {"__init__", "__main__", "table"}


def names() -> list[str]:
    """Return the benches of this folder."""
    return sorted(
        path.stem
        for path in FOLDER.glob("*.py")
        if path.stem not in NOT_BENCHES and "table.document(" in path.read_text(encoding="utf-8")
    )


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    words.add_argument("--only", nargs="+", choices=names())
    words.add_argument("--quick", action="store_true", help="see that all run; keep no figures")
    words.add_argument("--rounds", type=int)
    words.add_argument("--json", type=Path, default=report.RESULTS, help="folder of the figures")
    words.add_argument("--check", action="store_true", help="exit 1 below a floor")
    asked = words.parse_args()
    folder = asked.json
    folder.mkdir(parents=True, exist_ok=True)
    failed = []
    for name in asked.only or names():
        print(f"== {name}", file=sys.stderr, flush=True)
        command = [sys.executable, "-m", f"bench.{name}"]
        command += ["--quick"] if asked.quick else ["--json", str(folder / f"{name}.json")]
        command += ["--check"] if asked.check else []
        command += ["--rounds", str(asked.rounds)] if asked.rounds else []
        if subprocess.run(command, check=False).returncode:
            failed.append(name)
    if not asked.quick and folder == report.RESULTS:
        subprocess.run([sys.executable, "-m", "bench.report"], check=True)
    if not asked.quick:
        found = report.results(folder)
        print(table.goals([line for one in found.values() for line in one.get("goals", ())]))
    if failed:
        sys.exit(f"failed: {', '.join(failed)}")


if __name__ == "__main__":
    main()
