"""Mark what a spreadsheet would run as a formula, so that it shows it, and take the mark away again.

The mark is an apostrophe in front. What stands there with apostrophes already gets one more, so that
each text comes back as it was.
Source: security note, 11.
"""

from vault.core.export_cells import FORMULA, MARK


def marked(cell: str) -> str:
    """Return a cell that no spreadsheet runs.

    >>> marked("+44 7700 900001"), marked("'=1"), marked("'tis")
    ("'+44 7700 900001", "''=1", "'tis")
    """
    return MARK + cell if cell.lstrip(MARK).startswith(FORMULA) else cell


def unmarked(cell: str) -> str:
    """Return what `marked` was given.

    >>> unmarked("'+44 7700 900001"), unmarked("''=1"), unmarked("'tis")
    ('+44 7700 900001', "'=1", "'tis")
    """
    return cell[1:] if cell[:1] == MARK and cell.lstrip(MARK).startswith(FORMULA) else cell
