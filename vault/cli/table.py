"""Print a table: aligned for people on a terminal, tab-separated and never cut elsewhere.

Cells are text and nothing else: what looks like markup in them is shown as it is.
Source: ecosystem note, 5.
"""

import sys
from collections.abc import Sequence


def write(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print rows on stdout."""
    if not sys.stdout.isatty():
        for row in (columns, *rows):
            print("\t".join(plain(cell) for cell in row))
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(Text(plain(cell)) for cell in row))
    Console(markup=False, highlight=False).print(table)


def plain(cell: str) -> str:
    """Return a cell without what would break a line or command a terminal."""
    return "".join(char if char.isprintable() else " " for char in cell)
