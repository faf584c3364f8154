"""Make the vault of the demonstration: sample code of ethics, customers and apps.

Each part is made once; run on a home that has them it finds them and changes nothing.
Source: DESIGN 4.
"""

import asyncio
import csv
import itertools
import json
from dataclasses import dataclass
from datetime import timedelta
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Final

from vault.cli.sample_app import make_key
from vault.core.errors import BadRequestError
from vault.core.ids import CustomerId
from vault.crypto.signing import SigningKey
from vault.services import (
    app,
    identifier,
    import_form,
    import_mapping,
    import_source,
    importing,
    publication,
)
from vault.services.import_done import Run
from vault.services.publication import Published

if TYPE_CHECKING:
    from vault.services.deps import Deps
    from vault.services.import_done import Progress

SAMPLES: Final = Path(str(files("vault.samples")))
CODE: Final = Path(str(files("policies"))) / "codes" / "sample-2026-11-3.yaml"
MAPPING: Final = "shop.yaml"
APPS: Final = ("delivery", "loyalty", "newsletter")
ANA: Final = "ana@example.org"  # the sample customer whom the demonstration speaks of
REVIEW: Final = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Registered:
    """The sample apps' keys."""

    keys: dict[str, SigningKey]


async def publish(deps: "Deps") -> Published:
    """Publish the sample code of ethics."""
    return await publication.publish(deps, CODE.read_bytes(), name=CODE.name)


async def import_samples(deps: "Deps", home: Path) -> "dict[str, Progress]":
    """Import the sample files from copies in the home, beside which refusals would go.

    Returns:
        What was done with each file, in the order in which they refer to each other.
    """
    text = (SAMPLES / MAPPING).read_bytes()
    async with deps.database.connect() as conn:
        rulebook = await deps.codes.in_force(conn, deps.clock.now())
    mapping = import_mapping.parse(text, rulebook, name=MAPPING)
    together = Run()
    done: dict[str, Progress] = {}
    for one in mapping.files:
        name = one.shape.name
        file = home / f"sample-{name}.csv"
        if not file.exists():
            file.write_bytes((SAMPLES / f"{name}.csv").read_bytes())
        source = await asyncio.to_thread(import_source.examine, file, mapping=text, name=name)
        form = import_form.look(file, one)
        done[name] = await importing.run(
            deps, one, source, form=form, rulebook=rulebook, together=together
        )
    return done


async def register(deps: "Deps", home: Path) -> Registered:
    """Make a key for each sample app, and register those that are not."""
    keys = {}
    for name in APPS:
        path = home / "apps" / f"{name}.jwk"
        keys[name] = make_key(path)
        document = _metadata(deps, name, keys[name])
        if not await _is_registered(deps, name, keys[name]):
            await app.add(deps, document, replace=True)
    return Registered(keys)


async def find(deps: "Deps", address: str) -> CustomerId:
    """Return the sample customer with an e-mail address.

    Raises:
        BadRequestError: there is none.
    """
    async with deps.database.connect() as conn:
        rulebook = await deps.codes.in_force(conn, deps.clock.now())
        one = identifier.identity(deps, rulebook, field="contact.email", value=address)
        found = await identifier.find(conn, deps, one.key) if one else None
    if found is None:
        raise BadRequestError("The sample customer is not in this vault.")
    return found


def addresses(count: int) -> list[str]:
    """Return the e-mail addresses of the first sample customers."""
    with (SAMPLES / "customers.csv").open(encoding="utf-8", newline="") as file:
        return [row["email"] for row in itertools.islice(csv.DictReader(file), count)]


async def _is_registered(deps: "Deps", name: str, key: SigningKey) -> bool:
    try:
        known = await app.show(deps, name)
    except BadRequestError:
        return False
    return any(one.jkt == key.jwk.jkt for _, one in known.registered.keys)


def _metadata(deps: "Deps", name: str, key: SigningKey) -> bytes:
    """Return the packaged metadata with this key, to be reviewed a year from now."""
    document = json.loads((SAMPLES / "apps" / f"{name}.json").read_bytes())
    document["jwks"] = {"keys": [key.jwk.export(kid="sample")]}
    document["ownship"]["review_by"] = (deps.clock.now() + REVIEW).date().isoformat()
    return json.dumps(document).encode()
