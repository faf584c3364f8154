"""An operator answers requests by their number; texts come from files, and the customer is told."""

import asyncio
import re
from datetime import UTC, datetime
from uuid import UUID

import pytest

from vault.core.ids import CustomerId
from vault.core.request import Kind
from vault.services import request, request_row
from vault.settings import read
from vault.wiring import open_vault

ADD = ("customer", "add", "--source", "told", "--email", "ana@example.org")
TEXT = "Why \u202e?\nأنا"


@pytest.fixture
def asked(made):
    """Two requests of a customer, and their numbers by kind."""
    who = CustomerId(UUID(made.run(*ADD).out.strip()))

    async def ask():
        async with open_vault(read(made.environment)) as deps:
            for kind in (Kind.ERASE, Kind.QUESTION):
                await request.make(
                    deps,
                    who,
                    kind,
                    request_id=request_row.new_id(datetime.now(UTC)),
                    message_id=request_row.new_id(datetime.now(UTC)),
                    text=TEXT,
                    request="r",
                )
            found = await request.list_(deps, who)
            return {one.request.kind.value: one.number for one in found if one.request}

    return asyncio.run(ask())


def test_requests_are_listed_read_and_answered(made, asked, tmp_path):
    question, erase = asked["question"], asked["erase"]
    listed = made.run("request", "list")
    assert listed.code == 0
    assert {line.split("\t")[0] for line in listed.out.splitlines()} == {
        "number",
        question,
        erase,
    }
    assert "Why" not in listed.out
    read_ = made.run("request", "show", question)
    assert read_.code == 0
    assert re.search(r"^state  received$", read_.out, re.MULTILINE)
    assert "\n  Why  ?\n  أنا\n" in read_.out
    file = tmp_path / "answer.txt"
    file.write_text("Because.\n", encoding="utf-8")
    assert made.run("request", "ask", question, "--text", "-", stdin="Which?").code == 0
    assert made.run("request", "answer", question, "--text", f"@{file}").code == 0
    again = made.run("request", "answer", question, "--text", f"@{file}")
    assert (again.code, again.err.partition(":")[0]) == (4, "conflict")
    assert "state  answered" in made.run("request", "show", question).out
    assert question not in made.run("request", "list").out
    longer = ("request", "extend", erase, "--reason", "complexity", "--text", "-")
    assert made.run(*longer, stdin="It is complex.").code == 0
    assert made.run(*longer, stdin="It is complex.").code == 4
    refuse = ("request", "refuse", erase, "--text", "-", "--ground")
    assert made.run(*refuse, "whim", stdin="no").code == 2
    assert made.run(*refuse, "law", stdin="We must keep it.").code == 0
    assert "ground JustificationA17LegallyRequired" in made.run("request", "show", erase).out


def test_what_cannot_be_read_is_said_and_changes_nothing(made, asked):
    number = asked["question"]
    for text, stdin in (("plain", None), ("@/no/such/file", None), ("-", " "), ("-", "x" * 4_001)):
        done = made.run("request", "answer", number, "--text", text, stdin=stdin)
        assert done.code == 2, text
    ground = made.run("request", "refuse", number, "--ground", "law", "--text", "-", stdin="no")
    assert ground.code == 2
    unknown = made.run("request", "show", "R0000000000")
    assert (unknown.code, unknown.err.partition(":")[0]) == (4, "not-available")
    assert "state  in-work" not in made.run("request", "list").out
    assert number in made.run("request", "list").out
