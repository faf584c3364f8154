"""Codes of ethics in the database: only what was published here decides, or is shown to anybody."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, update
from structlog.testing import capture_logs

from policies.compile import compile_
from tests.vaults import RULEBOOK, SAMPLE, FakeClock, vault
from vault.core.errors import NotReadyError
from vault.services import publication, published
from vault.services.codes import Codes
from vault.services.deps import Deps
from vault.store import code as store
from vault.store import commit
from vault.store.engine import Database
from vault.store.metadata import columns_of

# What customers must agree to is done without asking them.
WIDER = compile_(
    re.sub(rb"expiry: .*", b'until: "the contract ends"', SAMPLE.read_bytes())
    .replace(b"basis: consent", b"basis: contract")
    .replace(b"2026-11", b"2026-12"),
    name="wider",
)


@pytest.fixture
async def deps(database: Database, tmp_path: Path) -> AsyncIterator[Deps]:
    async with vault(database, tmp_path, clock=FakeClock()) as opened:
        yield opened


async def execute(deps: Deps, statement) -> None:
    await commit.request(deps.database, lambda conn: conn.execute(statement))


async def row_of(deps: Deps, digest: str = RULEBOOK.digest):
    async with deps.database.connect() as conn:
        row = await store.load_by_digest(conn, digest)
    assert row is not None
    return row


async def smuggle(deps: Deps, **changes) -> None:
    """Insert a wider code that began an hour ago, beside the published one."""
    row = replace(
        await row_of(deps),
        version=WIDER.version,
        digest=WIDER.digest,
        document=WIDER.document.decode(),
        effective_at=deps.clock.now() - timedelta(hours=1),
    )
    await execute(deps, insert(store.code).values(columns_of(store.code, replace(row, **changes))))


async def nothing_decides(deps: Deps, codes: Codes | None = None) -> None:
    with capture_logs() as said, pytest.raises(NotReadyError):
        async with deps.database.connect() as conn:
            await (codes or deps.codes).in_force(conn, deps.clock.now())
    assert [one["event"] for one in said] == ["code-damaged"]


async def test_the_published_code_decides(deps):
    async with deps.database.connect() as conn:
        assert (await deps.codes.in_force(conn, deps.clock.now())).digest == RULEBOOK.digest


@pytest.mark.parametrize("mac", [None, b"", b"\1", b"\2" + bytes(16), b"\1" + bytes(range(16))])
async def test_a_code_that_was_inserted_by_hand_decides_nothing(deps, mac):
    await smuggle(deps, **({} if mac is None else {"mac": mac}))
    await nothing_decides(deps)
    with pytest.raises(NotReadyError):
        await published.version(deps, WIDER.version)
    with pytest.raises(NotReadyError):
        await published.versions(deps)
    with pytest.raises(NotReadyError):
        await publication.show(deps, WIDER.version)
    async with deps.database.connect() as conn:
        with pytest.raises(NotReadyError):
            await deps.codes.by_digest(conn, WIDER.digest)
        with pytest.raises(NotReadyError):
            await deps.codes.knows(conn, WIDER.version)


@pytest.mark.parametrize("document", [WIDER.document.decode(), "", "{}", "no json"])
async def test_a_document_that_was_changed_in_place_decides_nothing(deps, document):
    await execute(deps, update(store.code).values(document=document))
    await nothing_decides(deps, Codes(deps.deployment, deps.keys))  # of a process that starts
    with pytest.raises(NotReadyError):
        await published.version(deps, RULEBOOK.version)
    with pytest.raises(NotReadyError):
        await publication.show(deps)


async def test_a_digest_that_was_changed_with_its_document_decides_nothing(deps):
    values = {"document": WIDER.document.decode(), "digest": WIDER.digest}
    await execute(deps, update(store.code).values(values))
    await nothing_decides(deps)


async def test_a_code_does_not_begin_at_another_time_than_published(deps):
    early = (await row_of(deps)).effective_at - timedelta(days=1)
    await execute(deps, update(store.code).values(effective_at=early))
    await nothing_decides(deps)


async def test_the_text_that_is_shown_is_the_text_of_the_document(deps):
    await execute(deps, update(store.code).values(source=b"title: another\n"))
    with pytest.raises(NotReadyError):
        await publication.show(deps)
