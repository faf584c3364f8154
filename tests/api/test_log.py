"""The log as files over HTTP: every spelling, what is covered, what was edited."""

import httpx2
import pytest
from sqlalchemy import delete

from tests import published
from tests.published import LOG, edit, grow, publish, run
from tests.vaults import ISSUER, FakeClock, vault
from vault.api.app import create
from vault.core import entry as entries_
from vault.core import merkle, tiles
from vault.core.errors import LogBrokenError
from vault.core.ids import LogId
from vault.core.merkle import leaf_hash
from vault.core.tiles import ENTRIES, Tile
from vault.guard import Guard
from vault.services import log_files
from vault.services.log_trees import TURNS
from vault.store import commit, integration
from vault.store.checkpoint import log_checkpoint
from vault.store.leaf import log_leaf
from vault.store.tile import log_tile
from vault.verifier.note import open_note

SIZE = 600


class Served:
    """A vault with a log of 600 entries under a checkpoint, and one that is under none."""

    def __init__(self, deps, client, entries):
        self.deps = deps
        self.client = client
        self.entries = entries
        self.leaves = published.hashes_of(entries)

    async def get(self, path, method="GET"):
        return await self.client.request(method, f"/log/{path}")

    async def problem(self, path, method="GET"):
        answer = await self.get(path, method)
        assert answer.headers["access-control-allow-origin"] == "*"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["content-type"] == "application/problem+json"
        return answer.status_code, answer.json()["type"].rpartition("/")[2]


@pytest.fixture
async def served(database, tmp_path):
    async with vault(database, tmp_path, clock=FakeClock()) as deps:
        entries = await grow(deps, SIZE)
        await publish(deps)
        await grow(deps, 1)
        transport = httpx2.ASGITransport(app=Guard(create(deps, version="test"), issuer=ISSUER))
        async with httpx2.AsyncClient(
            transport=transport, base_url=ISSUER, trust_env=False
        ) as client:
            yield Served(deps, client, entries)


async def test_the_newest_checkpoint_is_served_verbatim(served):
    answer = await served.get("checkpoint")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["cache-control"] == "public, max-age=1"
    assert answer.headers["access-control-allow-origin"] == "*"
    body = open_note(answer.content, [published.key_of(served.deps)]).decode()
    assert body.split("\n")[:2] == ["localhost:8000/log", "600"]
    await publish(served.deps)
    assert (await served.get("checkpoint")).text.split("\n")[1] == "601"


async def test_every_tile_of_the_checkpoint_is_served_at_every_width(served):
    for tile in tiles.all_at(SIZE):
        whole = (await served.get(tile.path)).content
        if tile.level == 0:
            assert whole == b"".join(served.leaves[tile.n * 256 :][: tile.width])
        else:
            roots = [merkle.root(served.leaves[at : at + 256]) for at in (0, 256)]
            assert whole == b"".join(roots)
        for width in {1, 2, tile.width - 1, tile.width} - {0, 256}:
            answer = await served.get(Tile(tile.level, tile.n, width).path)
            assert (answer.status_code, answer.content) == (200, whole[: 32 * width])


async def test_bundles_hold_the_entries_at_every_width(served):
    for n, width in ((0, 256), (1, 256), (2, 88), (2, 87), (0, 1), (1, 255)):
        answer = await served.get(Tile(ENTRIES, n, width).path)
        assert answer.status_code == 200
        assert entries_.split(answer.content) == served.entries[n * 256 :][:width]


async def test_what_is_full_is_kept_for_ever_and_what_is_not_is_kept_shortly(served):
    for path in ("tile/0/000", "tile/entries/001"):
        answer = await served.get(path)
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.headers["content-type"] == "application/octet-stream"
    for path in ("tile/0/000.p/255", "tile/entries/002.p/88", "tile/1/000.p/2"):
        answer = await served.get(path)
        assert answer.headers["cache-control"] == "public, max-age=60"
        assert answer.headers["access-control-allow-origin"] == "*"


async def test_head_answers_as_get_without_the_body(served):
    for path in ("checkpoint", "tile/0/000", "tile/entries/000", "tile/0/002.p/3"):
        got, head = await served.get(path), await served.get(path, "HEAD")
        assert (head.status_code, head.content) == (200, b"")
        length = str(len(got.content))
        assert got.headers["content-length"] == head.headers["content-length"] == length
    assert (await served.get("tile/0/003", "HEAD")).status_code == 404


UNCOVERED = [
    "tile/0/002",
    "tile/0/002.p/89",
    "tile/0/002.p/255",
    "tile/0/003.p/1",
    "tile/entries/002",
    "tile/entries/002.p/89",
    "tile/entries/999",
    "tile/1/000",
    "tile/1/000.p/3",
    "tile/2/000.p/1",
    "tile/63/000.p/1",
    "tile/0/x999/x999/x999/x999/x999/999",
    "1/checkpoint",
    "31/tile/0/000",
    "1/tile/entries/000.p/1",
]


async def test_what_no_checkpoint_covers_is_not_served(served):
    for path in UNCOVERED:
        assert await served.problem(path) == (404, "not-published"), path


MISSPELT = [
    "tile/0",
    "tile/0/",
    "tile/0/0",
    "tile/0/0000",
    "tile/00/000",
    "tile/0/x000/000",
    "tile/0/000.p/0",
    "tile/0/000.p/01",
    "tile/0/000.p/256",
    "tile/0/000.p/",
    "tile/0/000/",
    "tile/0//000",
    "tile/0/000.p/1.p/1",
    "tile/64/000",
    "tile/-1/000",
    "tile/entry/000",
    "tile/entries/0",
    "tile/0/00%30",
    "tile/0/%30%30%30",
    "%74ile/0/000",
    "tile/0/٠٠٠",
    "tile/0/000%00",
    "tile/0/000%0a",
    "tile/checkpoint",
    "tile/",
    "0/checkpoint",
    "00/checkpoint",
    "01/tile/0/000",
    "32/checkpoint",
    "100000/checkpoint",
    "-1/checkpoint",
    "x/tile/0/000",
    "%31/checkpoint",
    "1/tile/0/0",
]


async def test_no_other_spelling_is_found(served):
    for path in MISSPELT:
        assert await served.problem(path) == (404, "not-found"), path


ELSEWHERE = ["checkpoint/", "Checkpoint", "", "tile", "1/", "1/tile"]


async def test_there_is_nothing_else_under_the_log(served):
    for path in ELSEWHERE:
        assert (await served.get(path)).status_code == 404


async def test_the_log_is_only_read(served):
    for path in ("checkpoint", "tile/0/000"):
        for method in ("POST", "PUT", "DELETE", "PATCH"):
            assert (await served.get(path, method)).status_code == 405


async def test_an_unpublished_log_has_nothing(database, tmp_path):
    async with vault(database, tmp_path, clock=FakeClock()) as deps:
        await grow(deps, 3)
        transport = httpx2.ASGITransport(app=Guard(create(deps, version="test"), issuer=ISSUER))
        async with httpx2.AsyncClient(transport=transport, base_url=ISSUER) as client:
            served = Served(deps, client, [])
            for path in ("checkpoint", "tile/0/000.p/3", "tile/entries/000.p/1"):
                assert await served.problem(path) == (404, "not-published"), path


async def test_a_later_log_is_served_under_its_number(served):
    second, origin = LogId(1), served.deps.origin_of(1)
    await commit.request(
        served.deps.database, lambda conn: integration.open_log(conn, second, origin)
    )
    entries = await grow(served.deps, 3, log_id=second)
    await publish(served.deps, log_id=second)
    note = (await served.get("1/checkpoint")).content
    assert open_note(note, [published.key_of(served.deps, second)]).startswith(
        b"localhost:8000/log/1\n3\n"
    )
    assert (await served.get("1/tile/0/000.p/3")).content == b"".join(published.hashes_of(entries))
    assert entries_.split((await served.get("1/tile/entries/000.p/2")).content) == entries[:2]
    assert await served.problem("1/tile/0/000") == (404, "not-published")
    keys = (await served.get("keys")).json()["keys"]
    assert {(one["use"], one["origin"]) for one in keys} == {
        (use, name)
        for use in ("log", "entry-receipts", "replay")
        for name in ("localhost:8000/log", origin)
    }
    assert published.key_of(served.deps, second) in {one["verifier_key"] for one in keys}


async def test_a_large_bundle_goes_out_in_pieces(served, monkeypatch):
    whole = (await served.get("tile/entries/001")).content
    monkeypatch.setattr(log_files, "PIECE_BYTES", 1_000)
    bundle = await log_files.bundle(served.deps, LOG, Tile(ENTRIES, 1, 256))
    assert bundle.rest is not None
    pieces = [bundle.first, *[piece async for piece in bundle.rest]]
    assert len(pieces) > 10
    assert all(len(piece) <= 1_000 + 2 * 10 for piece in pieces)
    assert b"".join(pieces) == whole
    answer = await served.get("tile/entries/001")
    assert answer.content == whole
    assert answer.headers["content-length"] == str(len(whole)) == str(bundle.length)


EDITS = [
    (edit(log_leaf, where=[log_leaf.c.idx == 10], entry=b"other"), "tile/entries/000"),
    (edit(log_leaf, where=[log_leaf.c.idx == 10], entry=b"other"), "tile/entries/000.p/11"),
    (edit(log_leaf, where=[log_leaf.c.idx == 550], entry=b"other"), "tile/entries/002.p/88"),
    (edit(log_leaf, where=[log_leaf.c.idx == 550], hash=leaf_hash(b"")), "tile/0/002.p/88"),
    (edit(log_leaf, where=[log_leaf.c.idx == 550], hash=leaf_hash(b"")), "tile/0/002.p/1"),
    (edit(log_tile, where=[log_tile.c.n == 0], hashes=bytes(8_192)), "tile/0/000"),
    (edit(log_tile, where=[log_tile.c.n == 0], hashes=bytes(8_192)), "tile/entries/000"),
    (edit(log_tile, where=[log_tile.c.n == 0], root=bytes(32)), "tile/1/000.p/2"),
    (delete(log_leaf).where(log_leaf.c.idx == 10), "tile/entries/000"),
    (delete(log_leaf).where(log_leaf.c.idx == 550), "tile/0/002.p/88"),
    (delete(log_tile).where(log_tile.c.n == 1), "tile/0/001"),
    (edit(log_checkpoint, where=[], text="no checkpoint"), "checkpoint"),
    (edit(log_checkpoint, where=[], size=7), "checkpoint"),
]


@pytest.mark.parametrize(("damage", "path"), EDITS, ids=[str(one) for one in range(len(EDITS))])
async def test_what_was_edited_is_not_served(served, damage, path):
    await run(served.deps, damage)
    assert await served.problem(path) == (503, "log-broken")


async def test_an_edited_entry_ends_a_bundle_that_is_under_way(served, monkeypatch):
    monkeypatch.setattr(log_files, "PIECE_BYTES", 1_000)
    await run(served.deps, edit(log_leaf, where=[log_leaf.c.idx == 200], entry=b"x" * 119))
    bundle = await log_files.bundle(served.deps, LOG, Tile(ENTRIES, 0, 256))
    assert bundle.rest is not None
    rest, got = bundle.rest, [bundle.first]

    async def go_on():
        async for piece in rest:
            got.append(piece)  # noqa: PERF401  what came before the edited entry counts

    with pytest.raises(LogBrokenError):
        await go_on()
    whole = entries_.split(b"".join(got))
    assert 0 < len(whole) <= 200
    assert whole == served.entries[: len(whole)]


async def test_who_reads_the_log_leaves_connections_to_others(served, monkeypatch):
    monkeypatch.setattr("vault.services.log_trees.TURN_SECONDS", 0.01)
    turns = [served.deps.trees.turn() for _ in range(TURNS)]
    for turn in turns:
        await turn.__aenter__()
    assert await served.problem("tile/0/000") == (503, "busy")
    assert await served.problem("checkpoint") == (503, "busy")
    for turn in turns:
        await turn.__aexit__(None, None, None)
    assert (await served.get("checkpoint")).status_code == 200


async def test_the_routes_are_in_openapi(served):
    paths = (await served.client.get("/openapi.json")).json()["paths"]
    for path in (
        "/log/checkpoint",
        "/log/tile/{path}",
        "/log/{log}/checkpoint",
        "/log/{log}/tile/{path}",
    ):
        assert paths[path]["get"]["responses"].keys() >= {"200", "404", "503"}
