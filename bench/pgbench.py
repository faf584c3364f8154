"""Measure bare PostgreSQL beside the product: pgbench's pair and transaction.

The pair selects one row by key and inserts one, each with a commit of its own; the transaction does
both between BEGIN and END. Rows are as large as what a read of the product loads and records.
"""

import re
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from bench import cpu
from bench.database import Bench

NAME = "reference"
ROWS = 50_000
SELECT = f"\\set id random(1, {ROWS})\nSELECT data FROM person WHERE id = :id;\n"
INSERT = "INSERT INTO seen (person, entry) VALUES (:id, decode(repeat('ab', 560), 'hex'));\n"
SCRIPTS = {"pair": SELECT + INSERT, "transaction": f"BEGIN;\n{SELECT}{INSERT}END;\n"}
WARM = 0.5


def prepare(pg: Bench) -> None:
    """Make the rows."""
    pg.run_sql(f"CREATE DATABASE {NAME}")
    pg.run_sql(
        "CREATE TABLE person (id int PRIMARY KEY, data bytea NOT NULL);"
        "ALTER TABLE person ALTER data SET STORAGE EXTERNAL;"
        "CREATE TABLE seen (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,"
        " person int NOT NULL, entry bytea NOT NULL);"
        f"INSERT INTO person SELECT n, decode(repeat(md5(n::text), 44), 'hex') FROM generate_series(1, {ROWS}) n;",
        NAME,
    )
    pg.run_sql("VACUUM ANALYZE", NAME)


def run(pg: Bench, kind: str, clients: int, seconds: float) -> dict[str, Any]:
    """Run one script and return rate, latencies and what PostgreSQL used."""
    pg.run_sql("TRUNCATE seen", NAME)
    pg.run_sql("CHECKPOINT")
    _run(pg, kind, clients, 1)
    before = cpu.used([pg.pid])
    found = _run(pg, kind, clients, max(1, round(seconds)))
    used = cpu.used([pg.pid]) - before
    return found | {"cpu_us": {"postgresql": used / found["answers"] * 1e6}}


def _run(pg: Bench, kind: str, clients: int, seconds: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "script.sql"
        script.write_text(SCRIPTS[kind])
        command = [
            str(pg.bin / "pgbench"),
            "-n",
            "-M",
            "prepared",
            "-h",
            "127.0.0.1",
            "-p",
            str(pg.port),
        ]
        command += [
            "-U",
            "postgres",
            "-c",
            str(clients),
            "-j",
            str(min(2, clients)),
            "-T",
            str(seconds),
        ]
        command += ["-f", str(script), "-l", f"--log-prefix={folder}/log", NAME]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        took = sorted(
            int(line.split()[2]) for path in Path(folder).glob("log.*") for line in path.open()
        )
    tps = re.search(r"tps = ([\d.]+) \(without", done.stdout)
    assert tps, done.stdout
    return {
        "answers": len(took),
        "rate": float(tps[1]),
        "p50_ms": took[len(took) // 2] / 1e3,
        "p99_ms": took[len(took) * 99 // 100] / 1e3,
    }
