"""A customer with everything that is awkward, and packages of what the vault holds about them."""

import json
import zipfile
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any
from uuid import uuid4

from policies.decide import ActorKind
from policies.model import Action, Source
from tests.vaults import START
from vault.core.export import Form, Part, Wish
from vault.services import customer, export, interaction, jobs
from vault.services.ask import Ask
from vault.services.interaction import Event

ALL = tuple(Part)
NAME = "Ána <script>alert(1)</script> {{7*7}} \u202egnirts آنا"
PHONE = "+353 1 234 5678"
CANARY = "Zyxwvéa Planted-Canary"
VALUES = {
    "contact.full_name": NAME,
    "contact.email": "ana@example.org",
    "contact.phone": PHONE,
    "contact.postal_address": "12 Quay Street\nCork",
    "contact.birth_date": "1980-02-29",
    "preferences.coffee": "flat_white",
    "preferences.topics": ["coffee", "tea"],
    "preferences.delivery_note": f'=HYPERLINK("x"), {CANARY}',
}
SAID: tuple[dict[str, Any], ...] = (
    {"note": "=1+1\r\n@cmd|' /C calc'!A0", "n": 7, "yes": True, "nothing": None},
    {"text": "x" * 8_192, CANARY.encode("ascii", "ignore").decode(): CANARY},
    {"text": "y" * 15_000},
    {"deep": [{"a": ["<b>", "＝1", {"c": "&amp;"}]}], "said": '"quoted", and\nbroken'},
)
FIRST = START - timedelta(days=400)


async def ana(deps):
    """Return a customer with values and contact events."""
    made = await customer.add(deps, VALUES, source=Source.TOLD)
    for number, content in enumerate(SAID):
        await call(deps, made, content, at=FIRST + timedelta(days=80 * number))
    return made


def noting(whose):
    """Return the ask of a command that notes a call."""
    return Ask(
        customer=whose,
        kind=ActorKind.OPERATOR,
        actor="operator",
        names=("interaction.call",),
        action=Action.APPEND,
    )


async def call(deps, whose, content, *, at=START, **more):
    """Append a contact event, as a command does."""
    event = Event("call", at, "=phone", content, **more)
    return await interaction.append(deps, noting(whose), event)


def wish(form=Form.JSON, parts=ALL, **period):
    return Wish(parts, form, **period)


async def ordered(deps, whose, wanted, *, request="req-order"):
    """Order a package, and let it be made."""
    made = await export.order(deps, whose, wanted, export_id=uuid4(), request=request)
    await jobs.round_once(deps)
    return made


async def fetched(deps, whose, export_id, *, request="req-fetch"):
    found = await export.fetch(deps, whose, export_id, request=request)
    body = b"".join([piece async for piece in found.pieces])
    assert len(body) == found.package.size
    return body


async def package(deps, whose, wanted):
    """Return the bytes of a package."""
    return await fetched(deps, whose, await ordered(deps, whose, wanted))


async def document(deps, whose, **changes):
    """Return a package in JSON, read."""
    return json.loads(await package(deps, whose, wish(**changes)))


def tables(body):
    """Return the files of a package in CSV by their names."""
    with zipfile.ZipFile(BytesIO(body)) as opened:
        assert opened.testzip() is None
        return {name: opened.read(name).decode("utf-8-sig") for name in opened.namelist()}


def day(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
