"""A whole vault for tests: installed, with the sample code of ethics in force and a clock to turn.

Everything is real: keys in a file, the database of the fixture, the appender, the gates.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from policies.compile import compile_
from vault.core.ids import DeploymentId, LogId
from vault.core.place import origin
from vault.crypto.providers.file import FileProvider
from vault.crypto.signing import SigningKey
from vault.services import anchor, erasure_replay, lookup_row
from vault.services.appender import Appender
from vault.services.codes import Codes
from vault.services.deps import Deps
from vault.services.installation import install
from vault.services.keys import KeyRing
from vault.services.load_gate import load_gate
from vault.store import code as code_store
from vault.store import commit, logs
from vault.store.code import CodeRow
from vault.store.engine import Database

ISSUER = "http://localhost:8000"
SAMPLE = Path(__file__).parents[1] / "policies" / "codes" / "sample-2026-11.yaml"
LATER = SAMPLE.with_name("sample-2026-12.yaml")
RULEBOOK = compile_(SAMPLE.read_bytes(), name=SAMPLE.name)
START = datetime(2026, 12, 1, 12, 0, 0, 250_000, tzinfo=UTC)


class FakeClock:
    """A clock that stands until it is turned."""

    def __init__(self, start: datetime = START) -> None:
        self.moment = start

    def now(self) -> datetime:
        """Return the time that was set."""
        return self.moment

    def turn(self, **span: float) -> None:
        """Go on by `seconds=…`, `days=…`."""
        self.moment += timedelta(**span)

    @property
    def seconds(self) -> int:
        """Unix seconds, as tokens have them."""
        return int(self.moment.timestamp())


class RunningClock(FakeClock):
    """The machine's clock, for clients that look at their own."""

    def now(self) -> datetime:
        """Return the current time."""
        return datetime.now(UTC)


@asynccontextmanager
async def vault(
    database: Database,
    home: Path,
    *,
    clock: FakeClock,
    issuer: str = ISSUER,
    dpop_nonce: bool = True,
    recovering: bool = False,
) -> AsyncIterator[Deps]:
    """Install a vault in a migrated database, or open the one that is there, and run it.

    With `recovering` it is opened as `ownship log recover` opens it: for the next log, not running.
    """
    ring = home / "keys" / "ring.json"
    found = await install(
        database,
        lambda deployment: FileProvider.make(ring, deployment),
        issuer=issuer,
        now=clock.now(),
    )
    deployment = DeploymentId(found.row.deployment_id)
    keys = KeyRing(FileProvider(ring, deployment), deployment)
    async with database.connect() as conn:
        await keys.load(conn)
        heads = await logs.standing(conn)
    log_id = LogId(heads[0].log_id + 1) if recovering else heads[-1].log_id
    codes = Codes(deployment, keys)
    if found.made:
        row = _row(codes, clock.now())
        await commit.request(database, lambda conn: code_store.publish(conn, row))
    appender = Appender(
        database,
        origin=origin(issuer, log_id),
        key=SigningKey(keys.service("entry-receipts").secret),
        now=clock.now,
        code=RULEBOOK.digest,
        version="test",
        log_id=log_id,
    )
    deps = Deps(
        database=database,
        clock=clock,
        deployment=deployment,
        issuer=issuer,
        log_id=log_id,
        origin=origin(issuer, log_id),
        keys=keys,
        codes=codes,
        appender=appender,
        loads=load_gate(database, codes, intact=lookup_row.check(keys, deployment)),
        mail_to=f"file:{home / 'mail'}",
        mail_from="vault@localhost",
        home=home,
        dpop_nonce=dpop_nonce,
    )
    if recovering:
        yield deps
        return
    await anchor.check(deps)
    await appender.start()
    deps.loads.start()
    try:
        await erasure_replay.replay(deps)
        yield deps
    finally:
        await deps.loads.close()
        await appender.close()


async def publish(deps: Deps, sample: Path = LATER) -> None:
    """Put another sample code of ethics in force, from its own date."""
    row = _row(deps.codes, deps.clock.now(), sample)
    await commit.request(deps.database, lambda conn: code_store.publish(conn, row))


def _row(codes: Codes, now: datetime, sample: Path = SAMPLE) -> CodeRow:
    rulebook = compile_(sample.read_bytes(), name=sample.name)
    effective_at = datetime.fromisoformat(rulebook.code.effective).replace(tzinfo=UTC)
    return CodeRow(
        version=rulebook.version,
        digest=rulebook.digest,
        source=sample.read_bytes(),
        document=rulebook.document.decode(),
        published_at=now,
        effective_at=effective_at,
        bootstrap=True,
        mac=codes.mac(rulebook, effective_at=effective_at),
    )
