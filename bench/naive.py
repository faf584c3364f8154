"""The same read as a good team would write it first: FastAPI models and dependencies, an ORM, a commit.

Same tables, same checks, same answer. Every token and every proof is verified by a library, every
request loads by the ORM in its own session and commits its own record. Nothing is shared between
requests and nothing is slow on purpose.
"""

import hashlib
import sys
import uuid
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import Depends, FastAPI, HTTPException, Request
from joserfc import jwt
from joserfc.jwk import ECKey
from joserfc.jws import extract_compact
from pydantic import BaseModel
from sqlalchemy import BigInteger, ForeignKey, LargeBinary, Text, Uuid, select
from sqlalchemy.ext.asyncio import (
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship, selectinload

from bench.database import Bench, driver, free_port
from bench.shop import Process, Shop
from policies.decide import ActorKind, decide
from policies.model import Action, Permission
from policies.reasons import coarse
from vault.core import entry_receipt
from vault.core.merkle import leaf_hash
from vault.core.scope import Scope
from vault.crypto import base64url, context
from vault.crypto.keys import Kind, unwrap
from vault.crypto.padding import unpad
from vault.crypto.pairwise import customer_of
from vault.crypto.sealed import Box
from vault.crypto.signing import SigningKey, sign_note
from vault.crypto.tokens import NONCE_SECONDS
from vault.services import proof, registered, spent, token
from vault.services.ask import Ask, Decided
from vault.services.deps import Deps
from vault.services.disclosure import draft, facts
from vault.services.entry import Place, say, write
from vault.services.load import Load
from vault.settings import read
from vault.store.app import AppStateRow, app_state, revoked
from vault.store.consent import ConsentRow, consent
from vault.store.customer import KEY, STANDING, CustomerKeyRow, StandingRow, customer_key, standing
from vault.store.disclosure import Loaded
from vault.store.once import once
from vault.store.value import ROW, ValueRow, value
from vault.wiring import open_vault

HTU_AGE = 60  # seconds


class Base(DeclarativeBase):
    pass


class CustomerKey(Base):
    __table__ = customer_key


class Consent(Base):
    __table__ = consent


class Value(Base):
    __table__ = value


class Customer(Base):
    __table__ = standing
    keys: Mapped[list[CustomerKey]] = relationship(viewonly=True)
    consents: Mapped[list[Consent]] = relationship(
        primaryjoin=(standing.c.customer_id == consent.c.customer_id) & consent.c.current,
        viewonly=True,
    )
    values: Mapped[list[Value]] = relationship(viewonly=True)


class AppState(Base):
    __table__ = app_state


class Revoked(Base):
    __table__ = revoked


class Once(Base):
    __table__ = once


class Seen(Base):
    """The record of a read."""

    __tablename__ = "naive_log"
    id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True, default=uuid.uuid4)
    customer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey(standing.c.customer_id))
    at: Mapped[int] = mapped_column(BigInteger)
    facts: Mapped[str] = mapped_column(Text)
    entry: Mapped[bytes] = mapped_column(LargeBinary)


class FieldOut(BaseModel):
    value: Any
    source: str
    since: datetime


class WithheldOut(BaseModel):
    field: str
    reason: str
    clause: str
    how_to_ask: str


class CodeOut(BaseModel):
    version: str
    digest: str


class ProfileOut(BaseModel):
    customer: str
    purpose: str
    fields: dict[str, FieldOut]
    withheld: list[WithheldOut]
    code: CodeOut
    receipt: str


class Caller(BaseModel):
    app: str
    sector: str
    jti: str
    permissions: frozenset[Permission]
    registration: frozenset[Permission]
    registration_digest: str


@asynccontextmanager
async def lifespan(served: FastAPI) -> AsyncIterator[None]:
    import os

    settings = read(os.environ)
    engine: AsyncEngine = create_async_engine(driver(settings.database), pool_size=20)
    async with open_vault(settings) as deps:
        served.state.deps = deps
        served.state.sessions = async_sessionmaker(engine, expire_on_commit=False)
        served.state.token_keys = {
            kid: ECKey.import_key(dict(key.members)) for kid, key in token.published(deps).items()
        }
        yield
    await engine.dispose()


app = FastAPI(lifespan=lifespan)


def dependencies(request: Request) -> Deps:
    return request.app.state.deps


async def session(request: Request) -> AsyncIterator[AsyncSession]:
    async with request.app.state.sessions() as opened:
        yield opened


Vault = Annotated[Deps, Depends(dependencies)]
Session = Annotated[AsyncSession, Depends(session)]


async def caller(request: Request, deps: Vault, db: Session) -> Caller:
    scheme, _, sent = request.headers.get("authorization", "").partition(" ")
    dpop = request.headers.get("dpop")
    if scheme != "DPoP" or not dpop:
        raise HTTPException(401)
    kid = extract_compact(sent.encode()).headers()["kid"]
    claims = jwt.decode(sent, request.app.state.token_keys[kid], algorithms=["ES256"]).claims
    now = int(deps.clock.now().timestamp())
    if (
        claims["iss"] != deps.issuer
        or claims["aud"] != token.resource(deps)
        or now >= claims["exp"]
    ):
        raise HTTPException(401)
    key = ECKey.import_key(extract_compact(dpop.encode()).headers()["jwk"])
    proved = jwt.decode(dpop, key, algorithms=["ES256"]).claims
    good = (
        key.thumbprint() == claims["cnf"]["jkt"]
        and proved["htm"] == request.method
        and proved["htu"] == deps.issuer + request.url.path
        and abs(now - proved["iat"]) <= HTU_AGE
        and proved["ath"] == base64url.encode(hashlib.sha256(sent.encode()).digest())
    )
    nonces = [proof.nonce(deps, proof.RS, now=at) for at in (now, now - NONCE_SECONDS)]
    if not good or proved.get("nonce") not in nonces:
        raise HTTPException(401, headers={"dpop-nonce": nonces[0] or ""})
    one = spent.of_proof(claims["cnf"]["jkt"], proved["jti"], at=proved["iat"])
    db.add(Once(kind=one.kind, slot=one.slot, key=one.key))
    state = await db.get(AppState, claims["client_id"])
    gone = await db.get(Revoked, claims["jti"])
    if state is None or gone is not None or state.frozen:
        raise HTTPException(401)
    row = AppStateRow(*(getattr(state, column.key) for column in app_state.c))
    known = await registered.with_state(deps, await db.connection(), row)
    if known is None or Scope.PROFILE_READ.value not in claims["scope"].split():
        raise HTTPException(401)
    details = claims["authorization_details"]
    covered = frozenset(
        Permission(one["purpose"], Action(action), name)
        for one in details
        for action in one["actions"]
        for name in one["datatypes"]
    )
    return Caller(
        app=claims["client_id"],
        sector=known.registered.registration.sector,
        jti=hashlib.sha256(claims["jti"].encode()).hexdigest(),
        permissions=covered,
        registration=known.registered.permissions,
        registration_digest=known.registered.digest,
    )


@app.get("/readyz")
async def ready() -> dict[str, str]:
    return {"status": "ready"}


@app.get("/api/v1/customers/{customer}/profile")
async def profile(
    customer: str,
    purpose: str,
    asking: Annotated[Caller, Depends(caller)],
    deps: Vault,
    db: Session,
    fields: str | None = None,
) -> ProfileOut:
    who = customer_of(deps.keys.service("pairwise"), asking.sector, customer)
    names = (
        fields.split(",")
        if fields
        else sorted(
            one.name
            for one in asking.permissions
            if one.purpose == purpose and one.action == Action.READ
        )
    )
    everything = (
        selectinload(Customer.keys), selectinload(Customer.consents), selectinload(Customer.values)
    )  # fmt: skip
    query = select(Customer).where(Customer.customer_id == who).options(*everything)
    found = (await db.execute(query)).scalar_one_or_none()
    if found is None:
        raise HTTPException(404)
    now = datetime.now(UTC)
    rulebook = await deps.codes.in_force(await db.connection(), now)
    load = Load(who, rulebook, now, loaded(found))
    ask = Ask(
        customer=who,
        kind=ActorKind.APP,
        actor=f"app:{asking.app}",
        names=tuple(names),
        purpose=purpose,
        app=asking.app,
        registration=asking.registration,
        registration_digest=asking.registration_digest,
        ceiling=asking.permissions,
        token=asking.jti,
    )
    decided = Decided(ask, load, decide(rulebook, ask.question, facts(deps, load, ask.names)))
    entry, receipt = record(deps, decided, now)
    db.add(Seen(customer_id=who, at=int(now.timestamp() * 1000), facts="{}", entry=entry))
    await db.commit()
    opened = open_(deps, load, {name for name, _ in decided.allowed})
    if not opened:
        raise HTTPException(404)
    return ProfileOut(
        customer=customer,
        purpose=purpose,
        fields=opened,
        withheld=[
            WithheldOut(
                field=name, reason=coarse(reason), clause=purpose, how_to_ask=f"{deps.issuer}/privacy/{purpose}"
            )
            for name, reason in decided.withheld
        ],
        code=CodeOut(version=rulebook.version, digest=f"sha256:{rulebook.digest}"),
        receipt=receipt,
    )  # fmt: skip


def loaded(found: Customer) -> Loaded:
    """Return the ORM's objects as what is decided on."""

    def rows(kind: Any, columns: Iterable[Any], objects: list[Any]) -> tuple[Any, ...]:
        names = [one.name for one in columns]
        return tuple(kind(*(getattr(one, name) for name in names)) for one in objects)

    return Loaded(
        rows(StandingRow, STANDING, [found])[0],
        rows(CustomerKeyRow, KEY, found.keys),
        rows(ConsentRow, consent.c, found.consents),
        rows(ValueRow, ROW, found.values),
    )


def record(deps: Deps, decided: Decided, now: datetime) -> tuple[bytes, str]:
    """Return the sealed entry and its signed receipt."""
    writer = uuid.uuid4()
    at = int(now.timestamp() * 1000)
    place = Place(0, deps.origin, writer, 0, 0, 1, at, 0)  # type: ignore[arg-type]
    entry = write(say(draft(deps, decided, seen=0)), place)
    leaf = leaf_hash(entry)
    text = entry_receipt.promise(
        deps.origin,
        log_id=0,
        writer=writer.bytes,
        seqs=(0, 0),
        size=1,
        root=leaf,
        integrate_by=at + entry_receipt.INTEGRATE_WITHIN,
    )
    key = SigningKey(deps.keys.service("entry-receipts").secret)
    note = sign_note(key, entry_receipt.key_name(deps.origin), text)
    return entry, entry_receipt.singles([[leaf]], note)[0]


def open_(deps: Deps, load: Load, allowed: set[str]) -> dict[str, FieldOut]:
    """Decrypt what is allowed."""
    import json

    wrapped = load.key(Kind.PROFILE)
    if wrapped is None or load.found is None:
        return {}
    secret = unwrap(deps.keys.keks, wrapped)
    opened = {}
    for row in load.found.values:
        if row.field not in allowed:
            continue
        prefix = context.value_prefix(deps.deployment, load.customer)
        tail = row.sealed[:6] + row.field.encode()
        where = context.value(prefix, row.value_id, row.schema, row.row_version, tail)
        plain = json.loads(unpad(Box(secret).open_(where, row.sealed, 6)))
        opened[row.field] = FieldOut(value=plain, source=row.source, since=row.gathered_at)
    return opened


def prepare(pg: Bench, name: str) -> None:
    """Make the table that its records go to."""
    pg.run_sql(
        "CREATE TABLE naive_log (id uuid PRIMARY KEY, customer_id uuid NOT NULL REFERENCES standing,"
        " at bigint NOT NULL, facts text NOT NULL, entry bytea NOT NULL)",
        name,
    )


def serve(filled: Shop) -> Process:
    """Start one process of it, on the server of the product."""
    port = free_port()
    command = [sys.executable, "-m", "bench.naive", str(port)]
    started = Process(command, filled, port, log=filled.home / f"naive-{port}.log")
    started.wait()
    return started


def main() -> None:
    from granian.constants import HTTPModes, Interfaces
    from granian.log import LogLevels
    from granian.server import Server

    Server(
        "bench.naive:app",
        address="127.0.0.1",
        port=int(sys.argv[1]),
        interface=Interfaces.ASGI,
        http=HTTPModes.http1,
        websockets=False,
        log_level=LogLevels.error,
        log_access=False,
    ).serve()


if __name__ == "__main__":
    main()
