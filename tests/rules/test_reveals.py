"""What the database reveals is listed: every column has a class, and the document has them all."""

import pytest
from sqlalchemy import Column, Integer, MetaData, Table

from tests.rules import reveals
from vault.store.tables import TABLES


def test_every_column_says_what_it_shows():
    assert reveals.unclassified(TABLES) == []


@pytest.mark.parametrize("info", [{}, {"class": "secret"}])
def test_a_column_that_does_not_say_so_is_found(info):
    tables = MetaData()
    Table("planted", tables, Column("a", Integer, info=info))
    assert reveals.unclassified(tables) == ["planted.a"]


def test_the_document_lists_every_column():
    document = reveals.DOCUMENT.read_text(encoding="utf-8")
    assert reveals.written(document) == reveals.lists(TABLES), (
        "write them again with: python -m tests.rules.reveals"
    )


def test_the_document_says_what_each_class_means():
    words, _, _ = reveals.DOCUMENT.read_text(encoding="utf-8").partition(reveals.BEGIN)
    assert [name for name in reveals.CLASSES if f"**{name}**" not in words] == []


# A class that may hold what a customer is or said; all others hold words and numbers of ours.
HIDING = {"sealed", "mac", "index"}
BYTES_IN_CLEAR = {
    "code.source",  # published
    "notice.body",  # published, without names or values
    "service_key.public",  # the public half
    "deployment.deployment_id",  # random
    "log_outbox.entries",  # as published: sealed inside
    "log_leaf.entry",
    "log_leaf.hash",
    "log_head.root",
    "log_head.edge",
    "log_tile.hashes",
    "log_tile.root",
    "log_replay.root",
}


def test_no_bytes_stand_in_clear_but_those_that_are_named():
    clear = {
        f"{table.name}.{column.name}"
        for table in TABLES.sorted_tables
        for column in table.c
        if column.type.__visit_name__ == "large_binary" and column.info["class"] not in HIDING
    }
    assert clear == BYTES_IN_CLEAR


# Text without a bound or a list of its own could take a value by mistake.
FREE_TEXT = {
    "app.document",  # registration, checked member by member
    "code.document",
    "standing.objections",  # lists of purposes and terms of the code of ethics
    "standing.terms",
    "consent.fields",
    "access_fact.clauses",
    "log_outbox.facts",
    "erased.certificate",  # signed, each member of a fixed form
    "retained.law",  # words of the code of ethics
    "legal_hold.names",  # of fields and kinds
    "log_checkpoint.text",  # a signed note: origin, size, root
    "numbers.text",  # counts, words of the code of ethics
    "log_replay.text",  # a signed note: counts, digests
    "log_replay.found",  # places, names of fields, clauses, reasons
    "log_checkpoint.cosigned",  # the same, with signatures of witnesses
}


def test_no_free_text_stands_in_clear_but_what_is_named():
    text = {
        f"{table.name}.{column.name}"
        for table in TABLES.sorted_tables
        for column in table.c
        if column.type.__visit_name__ == "text"
    }
    assert text == FREE_TEXT
