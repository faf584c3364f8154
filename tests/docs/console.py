"""Find the commands that a document shows: lines after `$ ` in blocks fenced as ```console.

A line that ends with a backslash goes on. What follows a command is what it prints; `…` in it stands
for anything. A block is left out only by the comment <!-- not run: WHY --> before it.
"""

import re
import textwrap
from dataclasses import dataclass

_BLOCK = re.compile(
    r"(<!-- not run: [^\n]+ -->\n+)?^( *)```console\n(.*?)^\2```$", re.MULTILINE | re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Shown:
    """One command and what the document says that it prints."""

    command: str
    output: str

    @property
    def pattern(self) -> str:
        """What stdout and stderr together must match; anything where nothing is said."""
        if not self.output:
            return ".*"
        parts = (re.escape(part) for part in self.output.strip().split("…"))
        return r"\s*" + ".*".join(parts) + r"\s*"


def commands(text: str) -> list[Shown]:
    """Return the commands that are run, in order."""
    found = _BLOCK.findall(text)
    blocks = [textwrap.dedent(block) for skipped, _, block in found if not skipped]
    return [one for block in blocks for one in _of(block)]


def _of(block: str) -> list[Shown]:
    found: list[Shown] = []
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        lines = part.splitlines()
        command = lines.pop(0)
        while command.endswith("\\"):
            command = command[:-1] + lines.pop(0).strip()
        found.append(Shown(command, "\n".join(lines)))
    return found
