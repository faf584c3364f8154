"""A vault whose log grows, is signed and mirrored as a test says, and a look at the files."""

from functools import partial
from pathlib import Path

from tests.store.records import new_writer, record
from vault.core.merkle import leaf_hash, root
from vault.crypto.signing import SigningKey, verifier_key
from vault.services import anchor, checkpoints, mirror
from vault.store import commit, integration
from vault.verifier import checkpoint
from vault.verifier.folder import Folder


async def grow(deps, count):
    """Place entries that no key has made."""
    writer = new_writer()

    async def work(conn):
        held = await integration.lock(conn, deps.log_id)
        assert held
        return await integration.place(conn, held, [record(writer, seq) for seq in range(count)])

    return await commit.records(deps.database, work)


async def sign(deps):
    """Sign the committed head as the leader does: the anchor is looked at first."""

    async def hold(conn):
        held = await integration.lock(conn, deps.log_id)
        if held is not None:
            await anchor.before_signing(deps, conn, held)
        return held

    return await checkpoints.publish(
        deps.database,
        signer(deps),
        believe=partial(checkpoints.believed, deps),
        log_id=deps.log_id,
        now=deps.clock.now(),
        hold=hold,
    )


def signer(deps):
    return SigningKey(deps.keys.service("log").secret)


async def publish(deps, count):
    """Grow, sign and mirror; return the size in the mirror."""
    if count:
        await grow(deps, count)
    await sign(deps)
    return await mirror.copy(deps, deps.database)


def top(deps) -> Path:
    return anchor.folder(deps, deps.log_id).path


def files(deps):
    """Every file of the mirror, by its path there, but for the lock."""
    return {
        str(one.relative_to(top(deps))): one.read_bytes()
        for one in top(deps).rglob("*")
        if one.is_file() and one.name != ".lock"
    }


def check(deps):
    """Check with the independent reader that all entries are there and lead to the root."""
    key = verifier_key(deps.origin, signer(deps).public)
    folder = Folder(top(deps))
    newest = folder.checkpoint(key, deps.origin)
    leaves = [leaf_hash(one) for _, entries in folder.bundles(0, newest.size) for one in entries]
    assert len(leaves) == newest.size
    assert root(leaves) == newest.root
    for n in range(newest.size // 256):
        assert folder.hashes(0, n) == b"".join(leaves[256 * n : 256 * (n + 1)])
    for name in (top(deps) / "checkpoints").iterdir():
        seen = checkpoint.open_(name.read_bytes(), key=key, origin=deps.origin)
        assert (str(seen.size), seen.root) == (name.name, root(leaves[: seen.size]))
    return newest
