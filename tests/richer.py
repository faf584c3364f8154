"""The richer sample code of ethics, for tests of what only it has: delays, children, sharing."""

from datetime import UTC, datetime
from pathlib import Path

from policies.compile import compile_
from vault.store import code as code_store
from vault.store import commit
from vault.store.code import CodeRow

PATH = Path(__file__).parents[1] / "policies" / "codes" / "sample-2026-12.yaml"
RULEBOOK = compile_(PATH.read_bytes(), name=PATH.name)


async def publish(deps, *, rulebook=RULEBOOK, source=None):
    """Let it be in force from a day after the one of `tests/vaults.py`."""
    now = deps.clock.now()
    effective_at = datetime(2026, 11, 2, tzinfo=UTC)
    row = CodeRow(
        version=rulebook.version,
        digest=rulebook.digest,
        source=source or PATH.read_bytes(),
        document=rulebook.document.decode(),
        published_at=now,
        effective_at=effective_at,
        bootstrap=True,
        mac=deps.codes.mac(rulebook, effective_at=effective_at),
    )
    await commit.request(deps.database, lambda conn: code_store.publish(conn, row))
