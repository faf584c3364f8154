"""Choose what reads the rows of a file, by the form that it was found to have.

Each of them gives rows with cells by column, and refused ones with line, column and reason, one by one
and in bounded memory. What the cells mean is not known here.
"""

from typing import BinaryIO

from vault.core.import_mapping import File, Format
from vault.services.import_form import Form
from vault.services.import_json import Objects
from vault.services.import_sheet import Sheet
from vault.services.import_source import Recoded
from vault.services.import_table import Table
from vault.services.import_vcard import Cards

Reader = Table | Objects | Cards | Sheet


def reader(file: BinaryIO, form: Form, mapping: File) -> Reader:
    """Return what reads a file, at its first row.

    Args:
        file: opened for bytes; it stays open as long as rows are read.
        form: from `look`.
        mapping: which columns must be there.

    Raises:
        BadRequestError: the file does not begin as its form says, or lacks a column.
    """
    wanted = sorted(mapping.columns)
    if form.format is Format.XLSX:
        return Sheet(file, wanted=wanted, sheet=mapping.shape.sheet)
    file.seek(form.mark)
    wide = form.encoding.startswith("utf-16")
    lines = Recoded(file, form.encoding) if wide else file
    encoding = "utf-8" if wide else form.encoding
    if form.format is Format.VCARD:
        return Cards(lines, wanted=wanted, encoding=encoding)
    if form.format is Format.NDJSON:
        return Objects(lines, wanted=wanted, encoding=encoding)
    return Table(
        lines,
        delimiter=form.delimiter,
        wanted=wanted,
        encoding=encoding,
        marked=mapping.shape.marked,
    )
