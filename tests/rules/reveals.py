"""Write down what the database shows to whoever reads it without the keys, from the tables.

    python -m tests.rules.reveals

writes the lists of docs/what-the-database-reveals.md again; the words around them are people's.
"""

from collections.abc import Iterator

from sqlalchemy import MetaData, Table

from tests.rules.tree import REPOSITORY
from vault.store.tables import TABLES

DOCUMENT = REPOSITORY / "docs" / "what-the-database-reveals.md"
BEGIN, END = "<!-- lists: begin -->\n", "<!-- lists: end -->\n"
CLASSES = ("sealed", "mac", "index", "id", "time", "policy", "state", "count", "public")


def unclassified(tables: MetaData) -> list[str]:
    """Name each column whose class is missing or unknown."""
    return [
        f"{table.name}.{column.name}"
        for table in tables.sorted_tables
        for column in table.c
        if column.info.get("class") not in CLASSES
    ]


def lists(tables: MetaData) -> str:
    """Return a line for each table: its columns by what they show."""
    lines = ["| table | " + " | ".join(CLASSES) + " |", "|---" * (len(CLASSES) + 1) + "|"]
    ordered = sorted(tables.tables.values(), key=lambda one: one.name)
    lines += ["| " + " | ".join(_cells(table)) + " |" for table in ordered]
    return "\n".join(lines) + "\n"


def _cells(table: Table) -> Iterator[str]:
    yield f"`{table.name}`"
    for class_ in CLASSES:
        names = [column.name for column in table.c if column.info.get("class") == class_]
        yield ", ".join(names)


def written(document: str) -> str:
    """Return the lists that stand in the document."""
    return document.partition(BEGIN)[2].partition(END)[0]


def main() -> None:
    """Put the lists of today into the document."""
    document = DOCUMENT.read_text(encoding="utf-8")
    before, _, rest = document.partition(BEGIN)
    after = rest.partition(END)[2]
    DOCUMENT.write_text(before + BEGIN + lists(TABLES) + END + after, encoding="utf-8")


if __name__ == "__main__":
    main()
