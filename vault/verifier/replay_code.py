"""Read a published code of ethics from its JSON alone, and say plainly what it allows.

The document's SHA-256 is the digest under which entries name it, so nobody can show the checker
another one. No table is made of it: each answer is looked up in the document, slowly and in sight.
Source: docs/formats.md, replay; DESIGN 5.
"""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from vault.verifier import strict_json
from vault.verifier.errors import BadError

Said = Mapping[str, Any]

INTERACTION: Final = "interaction."
FORMAT: Final = 1
CHANNELS: Final = {"phone": "phone", "email": "email", "address": "post"}  # by type of field


class Code:
    """One code of ethics."""

    def __init__(self, document: bytes, digest: str) -> None:
        """Read a document.

        Raises:
            BadError: it has another digest, or is no code of ethics of a form that is known.
        """
        if hashlib.sha256(document).hexdigest() != digest:
            raise BadError("A code of ethics is not the one that its digest names.")
        said = strict_json.read(document)
        if not isinstance(said, dict) or said.get("format") != FORMAT:
            raise BadError("A code of ethics is in a form that this checker does not know.")
        self.digest = digest
        self.said: Said = said

    @property
    def version(self) -> str:
        """The version, as people call it."""
        return str(self.said["version"])

    @property
    def effective_ms(self) -> int:
        """The first moment of the day from which it says that it holds: unix ms."""
        day = datetime.fromisoformat(self.said["effective"]).replace(tzinfo=UTC)
        return int(day.timestamp()) * 1000

    def kept(self, name: str) -> Said | None:
        """Return the field, or the kind of contact event, of a name; None for an unknown one."""
        if name.startswith(INTERACTION):
            kind = name.removeprefix(INTERACTION)
            return _first(one for one in self.said["interactions"] if one["kind"] == kind)
        return _first(one for one in self.said["fields"] if one["name"] == name)

    def purpose(self, name: str | None) -> Said | None:
        """Return a purpose; None for an unknown one."""
        return _first(one for one in self.said["purposes"] if one["id"] == name)

    def actions(self, purpose: str | None, name: str) -> tuple[str, ...]:
        """Return what a purpose may do with a name."""
        found = self.purpose(purpose)
        uses = found["uses"] if found else ()
        return tuple(action for use in uses if use["name"] == name for action in use["actions"])

    def sources(self, name: str) -> tuple[str, ...]:
        """Return from where a name may come."""
        found = self.kept(name)
        return tuple(found["sources"]) if found else ()

    def recipient(self, app: str | None) -> Said | None:
        """Return a recipient; None for an unknown one."""
        return _first(one for one in self.said["recipients"] if one["id"] == app)

    def channel(self, name: str) -> str | None:
        """Return the way to reach a person that a field is; None for one that is none."""
        found = self.kept(name)
        return CHANNELS.get(found.get("type", "")) if found else None

    def asked(self, purpose: str | None, action: str) -> frozenset[str]:
        """Return what the vault itself may read, or append, to ask the surveys of a purpose."""
        names: set[str] = set()
        for one in self.said.get("surveys", ()):
            if one["purpose"] != purpose:
                continue
            if action == "read":
                names |= {*one["after"]}
                fields = (field["name"] for field in self.said["fields"])
                names |= {name for name in fields if self.channel(name) == one["channel"]}
            if action == "append":
                names.add(one["answer"])
                events = self.said["interactions"]
                reaching = (event for event in events if event.get("reaches") == one["channel"])
                names |= {INTERACTION + event["kind"] for event in reaching}
        return frozenset(names)

    def derivation(self, name: str) -> Said | None:
        """Return how a field is inferred; None for one that is not."""
        return _first(one for one in self.said.get("derivations", ()) if one["field"] == name)

    def worked(self, purpose: str | None, action: str) -> tuple[str, ...]:
        """Return what the vault itself may read, or write, to work something out by a method."""
        several = [
            one
            for one in self.said.get("derivations", ())
            if one.get("method") is not None and purpose in one["purposes"]
        ]
        if action == "read":
            return tuple(name for one in several for name in one["inputs"])
        return tuple(one["field"] for one in several if action == "write")


def _first(found: Any) -> Said | None:  # noqa: ANN401  JSON has no narrower type
    one: Said | None = next(iter(found), None)
    return one
