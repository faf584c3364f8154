"""Files that are made to cost: a line without end and an archive that unpacks to nothing good."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.cli.conftest import Home, only_sqlite_made

HOLE = 1 << 30  # bytes of a line; ten times as many take ten times as long and no more memory
LONG = 20  # rows of 60 KB before it
PEAK = """
import resource, subprocess, sys
code = subprocess.run(sys.argv[1:], check=False).returncode
print("peak", resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, flush=True)  # KiB
sys.exit(code)
"""
MOST = 260 << 20  # bytes of memory of the whole command, most of it the program itself

MAPPING = """
mapping: 1
files: {people: {format: FORM}}
people: {identify: {contact.email: email}, source: told, fields: {contact.full_name: name}}
"""


def mapping(tmp_path: Path, form: str) -> str:
    path = tmp_path / "mapping.yaml"
    path.write_text(MAPPING.replace("FORM", form))
    return str(path)


@pytest.mark.slow
@only_sqlite_made
def test_a_line_without_end_is_passed_over_in_bounded_memory(made: Home, tmp_path):
    file = tmp_path / "people.csv"
    with file.open("wb") as raw:
        raw.write(b"email,name\nana@example.org,Ana\n")
        for _ in range(LONG):  # what is looked at is text
            raw.write(b"long," + b"x" * 60_000 + b"\n")
        raw.seek(HOLE, os.SEEK_CUR)  # of zeros that take no room on the disk
        raw.write(b"\nbo@example.org,Bo\n")
    command = made.command(("import", mapping(tmp_path, "csv"), str(file)))
    # By a small program in between: a child's peak begins at what its parent had when it was made.
    done = subprocess.run(
        [sys.executable, "-c", PEAK, *command],
        env=made.environment,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    said, _, peak = done.stdout.rpartition("peak ")
    assert "2 customers added" in said
    assert done.returncode == 1
    assert int(peak) << 10 < MOST
    listed = Path(f"{file}.refused.csv").read_text()
    assert listed.splitlines()[-1] == f"{LONG + 3},,row-too-long"


def test_an_archive_that_is_a_bomb_is_refused_before_anything_is_written(made: Home, tmp_path):
    file = tmp_path / "people.xlsx"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", bytes(60 << 20))
    done = made.run("import", mapping(tmp_path, "xlsx"), str(file))
    assert (done.code, "larger than 50 MB" in done.err) == (2, True), done.err
    assert not Path(f"{file}.refused.csv").exists()
