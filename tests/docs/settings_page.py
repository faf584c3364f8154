"""Write the page of settings: `python -m tests.docs.settings_page > docs/settings.md`."""

import sys
from typing import TextIO

from vault.settings import PREFIX, Settings

HEAD = """# Settings

Written by `python -m tests.docs.settings_page`; a test compares it with the program.

Settings come from environment variables alone; no file is read by itself. Any of them may instead
be given by a file: `OWNSHIP_X_FILE` names a file that holds the value of `OWNSHIP_X` (one newline
at its end is cut), and both at once are an error. A name that begins with `OWNSHIP_` and is not in
this table is refused, with the nearest one that is. `ownship doctor` shows what is in force and
where it comes from; secrets are shown as `set`.

| setting | default | what |
|---|---|---|
"""
TAIL = """
There is no default secret: keys are made by `ownship init` for their owner alone, and a URL with a
password belongs in a file. `OWNSHIP_ISSUER` is stored by `ownship init` and cannot change later.
"""


def write(file: TextIO) -> None:
    """Write the page."""
    file.write(HEAD)
    for name, field in Settings.model_fields.items():
        default = "" if field.default in {None, ""} else f"`{field.default}`"
        file.write(f"| `{PREFIX}{name.upper()}` | {default} | {field.description} |\n")
    file.write(TAIL)


if __name__ == "__main__":
    write(sys.stdout)
