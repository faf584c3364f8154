"""Rows that are good enough for the store, which judges none of them."""

import secrets
import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from vault.core.ids import AppId, CustomerId
from vault.store.app import AppRow, AppStateRow
from vault.store.code import CodeRow
from vault.store.consent import ConsentRow
from vault.store.customer import CustomerKeyRow, StandingRow
from vault.store.interaction import InteractionRow
from vault.store.kek import KekRow
from vault.store.value import ValueRow

NOW = datetime(2026, 11, 23, 10, 0, 0, 123456, tzinfo=UTC)
LATER = NOW + timedelta(minutes=1)
KEK = KekRow(
    kek_id=uuid.UUID(int=1),
    epoch=1,
    state="active",
    provider="file",
    key_ref="ring/1",
    key_version="1",
    blob=b"wrapped",
    made_at=NOW,
)


def customer_id() -> CustomerId:
    return CustomerId(uuid.uuid4())


def standing(customer: CustomerId, **changes) -> StandingRow:
    row = StandingRow(customer, 0, 0, "[]", "{}", secrets.token_bytes(17))
    return replace(row, **changes)


def key(customer: CustomerId, **changes) -> CustomerKeyRow:
    row = CustomerKeyRow(customer, 1, 1, uuid.uuid4(), KEK.kek_id, secrets.token_bytes(78))
    return replace(row, **changes)


def value(customer: CustomerId, field: str = "contact.email", **changes) -> ValueRow:
    row = ValueRow(customer, field, uuid.uuid4(), 1, 1, 1, secrets.token_bytes(66), "told", NOW)
    return replace(row, **changes)


def consent(customer: CustomerId, purpose: str = "marketing", **changes) -> ConsentRow:
    row = ConsentRow(
        customer=customer,
        consent_id=uuid.uuid4(),
        purpose=purpose,
        app=None,
        state="given",
        epoch=1,
        from_ms=1_763_892_000_000,
        until_ms=2**63 - 1,
        fields='["contact.email"]',
        code_digest="a" * 64,
        shown="b" * 64,
        current=True,
        decided_at=NOW,
        mac=secrets.token_bytes(17),
    )
    return replace(row, **changes)


def interaction(customer: CustomerId, **changes) -> InteractionRow:
    row = InteractionRow(
        customer=customer,
        interaction_id=uuid.uuid4(),
        kind="call",
        purpose="support",
        app="crm",
        parent=None,
        at=NOW,
        written_at=NOW,
        source="told",
        schema=1,
        row_version=1,
        generation=1,
        sealed=secrets.token_bytes(66),
    )
    return replace(row, **changes)


def code(version: str = "2026-11", **changes) -> CodeRow:
    digest, mac = secrets.token_hex(32), secrets.token_bytes(17)
    row = CodeRow(version, digest, b"title: x", '{"title":"x"}', NOW, NOW, True, mac)
    return replace(row, **changes)


def app(app_id: str = "crm", **changes) -> AppRow:
    row = AppRow(AppId(app_id), "{}", "c" * 64, secrets.token_bytes(17), NOW)
    return replace(row, **changes)


def app_state(app_id: str = "crm", **changes) -> AppStateRow:
    return replace(AppStateRow(AppId(app_id), False, NOW, 1, b"\1" * 17), **changes)
