"""A proof of each entry, checked as an outsider checks it; nothing that was edited is proven."""

import base64
import dataclasses

import pytest
from sqlalchemy import delete

from tests import published
from tests.published import LOG, edit, grow, publish, run
from tests.vaults import vault
from vault.core import merkle
from vault.core.checkpoint import NotPublishedError
from vault.core.errors import LogBrokenError
from vault.core.ids import LogId
from vault.core.merkle import ProofError, leaf_hash
from vault.core.place import at
from vault.crypto.signing import SigningKey, sign_note
from vault.services import log_proof, log_tree
from vault.services.log_trees import Trees
from vault.store import commit, integration
from vault.store.checkpoint import log_checkpoint
from vault.store.leaf import log_leaf
from vault.store.tile import log_tile
from vault.verifier import merkle as independent
from vault.verifier.note import open_note

OTHER = leaf_hash(b"other")


@pytest.fixture
async def deps(database, tmp_path, clock):
    """A vault in which nobody publishes but the test."""
    async with vault(database, tmp_path, clock=clock) as opened:
        yield opened


def check(text, key):
    """Check a proof file by the independent checker's own parts; return its entry."""
    head, note = text.split("\n\n", 1)
    version, extra, index, *path = head.split("\n")
    assert version == "c2sp.org/tlog-proof@v1"
    entry = base64.b64decode(extra.removeprefix("extra "))
    _, size, root, _ = open_note(note.encode(), [key]).decode().split("\n")
    independent.check_inclusion(
        independent.leaf(entry),
        int(index.removeprefix("index ")),
        int(size),
        [base64.b64decode(one) for one in path],
        base64.b64decode(root),
    )
    return entry


async def test_every_entry_has_a_proof_at_the_newest_checkpoint(deps):
    entries = await grow(deps, 300)
    await publish(deps)
    more = await grow(deps, 300)
    signed = await publish(deps)
    entries += more
    key = published.key_of(deps)
    for index in (0, 1, 255, 256, 299, 300, 511, 512, 599):
        proof = await log_proof.proof(deps, index)
        assert (proof.index, proof.entry, proof.signed) == (index, entries[index], signed)
        hashes = published.hashes_of(entries)
        assert list(proof.path) == merkle.inclusion_proof(hashes, index)
        assert check(proof.text, key) == entries[index]


async def test_an_entry_without_a_checkpoint_is_named_so(deps):
    await grow(deps, 3)
    with pytest.raises(NotPublishedError):
        await log_proof.proof(deps, 0)
    await publish(deps)
    await grow(deps, 1)
    assert (await log_proof.proof(deps, 2)).index == 2
    for place in (3, 4, 2**40, at(1, 0)):
        with pytest.raises(NotPublishedError):
            await log_proof.proof(deps, place)


async def test_a_later_log_proves_its_own(deps):
    second = LogId(1)
    origin = deps.origin_of(second)
    await commit.request(deps.database, lambda conn: integration.open_log(conn, second, origin))
    await grow(deps, 2)
    entries = await grow(deps, 3, log_id=second)
    await publish(deps)
    await publish(deps, log_id=second)
    proof = await log_proof.proof(deps, at(second, 2))
    assert (proof.log_id, proof.index, proof.entry) == (second, 2, entries[2])
    assert check(proof.text, published.key_of(deps, second)) == entries[2]


EDITS = [
    (edit(log_leaf, where=[log_leaf.c.idx == 10], entry=b"other"), 10, "the entry itself"),
    (edit(log_leaf, where=[log_leaf.c.idx == 560], entry=b"other"), 560, "one in no full tile"),
    (edit(log_leaf, where=[log_leaf.c.idx == 560], hash=OTHER), 561, "a neighbour's hash"),
    (edit(log_leaf, where=[log_leaf.c.idx == 560], hash=OTHER), 10, "at the other end"),
    (edit(log_tile, where=[log_tile.c.n == 0], hashes=bytes(8_192)), 10, "a tile"),
    (edit(log_tile, where=[log_tile.c.n == 1], root=OTHER), 10, "what stands above a tile"),
    (delete(log_leaf).where(log_leaf.c.idx == 10), 10, "an entry that is gone"),
    (delete(log_leaf).where(log_leaf.c.idx == 560), 10, "a leaf that is gone"),
    (delete(log_tile).where(log_tile.c.n == 0), 10, "a tile that is gone"),
    (edit(log_checkpoint, where=[], text="x\n"), 10, "no checkpoint at all"),
    (delete(log_checkpoint).where(log_checkpoint.c.size == 580), 550, None),
]


@pytest.mark.parametrize(("damage", "index", "why"), EDITS, ids=[str(one[2]) for one in EDITS])
async def test_nothing_that_was_edited_is_proven(deps, damage, index, why):
    await grow(deps, 560)
    await publish(deps)
    await grow(deps, 20)
    await publish(deps)
    await run(deps, damage)
    if why is None:  # an older checkpoint is not wrong, and the mirror knows the newer one
        assert (await log_proof.proof(deps, index)).signed.size == 560
        return
    with pytest.raises(LogBrokenError):
        await log_proof.proof(deps, index)


async def test_what_was_checked_before_is_remembered_and_stays_right(deps):
    await grow(deps, 580)
    await publish(deps)
    first = await log_proof.proof(deps, 10)
    await run(deps, edit(log_tile, where=[log_tile.c.n == 0], hashes=bytes(8_192)))
    assert (await log_proof.proof(deps, 11)).index == 11  # of the tile in memory, which was right
    assert (await log_proof.proof(deps, 10)).text == first.text


async def test_only_so_many_tiles_are_remembered(deps, monkeypatch):
    monkeypatch.setattr("vault.services.log_trees.REMEMBERED", 2)
    await grow(deps, 1_100)
    await publish(deps)
    for index in (0, 300, 600, 900, 0):
        assert (await log_proof.proof(deps, index)).index == index
        assert len(deps.trees._full) <= 2


@pytest.mark.parametrize("place", [0, 60, 130, 150])
async def test_a_checkpoint_with_a_changed_byte_is_not_believed(deps, place):
    await grow(deps, 3)
    signed = await publish(deps)
    text = (
        signed.text[:place] + ("A" if signed.text[place] != "A" else "B") + signed.text[place + 1 :]
    )
    await run(deps, edit(log_checkpoint, where=[], text=text))
    with pytest.raises(LogBrokenError):
        await log_proof.proof(deps, 0)


async def test_a_checkpoint_by_another_key_is_not_believed(deps):
    await grow(deps, 3)
    signed = await publish(deps)
    other = SigningKey(bytes(32))
    forged = sign_note(other, signed.checkpoint.origin, signed.checkpoint.body())
    await run(deps, edit(log_checkpoint, where=[], text=forged))
    with pytest.raises(LogBrokenError):
        await log_proof.proof(deps, 0)


async def test_cosignatures_of_others_stay_in_the_proof(deps):
    await grow(deps, 3)
    signed = await publish(deps)
    cosigned = signed.text + "— witness.example AAAAAAAAAA==\n"
    await run(deps, edit(log_checkpoint, where=[], text=cosigned))
    assert (await log_proof.proof(deps, 0)).text.endswith(cosigned)


async def test_a_proof_of_consistency_continues_every_older_size(deps):
    entries = []
    for count in (1, 255, 1, 400):
        entries += await grow(deps, count)
    signed = await publish(deps)
    hashes = published.hashes_of(entries)
    async with deps.database.connect() as conn:
        for old in (1, 2, 255, 256, 257, 512, 656, 657):
            proof = await log_tree.consistency(conn, LOG, old, signed.checkpoint)
            assert proof == merkle.consistency_proof(hashes, old)
        for old in (0, 658, -1):
            with pytest.raises(ProofError):
                await log_tree.consistency(conn, LOG, old, signed.checkpoint)


async def test_consistency_is_not_proven_from_edited_rows(deps):
    await grow(deps, 300)
    signed = await publish(deps)
    await run(deps, edit(log_leaf, where=[log_leaf.c.idx == 270], hash=OTHER))
    async with deps.database.connect() as conn:
        with pytest.raises(LogBrokenError):
            await log_tree.consistency(conn, LOG, 260, signed.checkpoint)


async def test_a_process_that_remembers_nothing_gives_the_same(deps):
    await grow(deps, 700)
    await publish(deps)
    warm = [(await log_proof.proof(deps, index)).text for index in (3, 400, 690)]
    fresh = dataclasses.replace(deps, trees=Trees())
    assert [(await log_proof.proof(fresh, index)).text for index in (690, 400, 3)] == warm[::-1]
