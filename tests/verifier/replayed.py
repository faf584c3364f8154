"""A small log made of real entries, and its replay: whoever plants something in it names it here."""

import hashlib
import json
from typing import Any
from uuid import UUID

from policies.model import Action, ActorKind
from vault.core import canonical
from vault.core.entry import Kind
from vault.core.ids import CustomerId, LogId
from vault.crypto import entry as cipher
from vault.services import entry as entries
from vault.services.draft import Asked, ConsentChange, Draft, StandingNow, SystemDraft
from vault.verifier.logkey import EntryKeys
from vault.verifier.replay import Replay, Report
from vault.verifier.replay_system import System

ORIGIN = "example.org/log"
AUDIT_KEY = hashlib.sha256(b"audit").digest()
CUSTOMER = CustomerId(UUID("0192f0c1-2d3e-7a4b-8c5d-6e7f80910213"))
WRITER = UUID("5c0f3f2e-0000-4c57-8a55-0e9a3d1b7c42")
HANDLE = "s-0a1b2c3d"
STARTED = 10  # unix ms, before anything that is decided
YEARS = 2**50


class Book:
    """A log under way: it grows by real entries, each of which says what it is given."""

    def __init__(self, *, key=AUDIT_KEY, generation=1):
        self.key = key
        self.keys = EntryKeys(generation, cipher.tag_key(key), cipher.seal_key(key))
        self.system = System()
        self.entries: list[tuple[int, bytes]] = []
        self.count = self.epoch = 0
        self.code = ""

    def add(self, draft, *, at, seen=None):
        """Write an entry at the end; returns its place."""
        index = self.count
        place = entries.Place(
            LogId(0), ORIGIN, WRITER, index, 0, 1, at, index if seen is None else seen
        )
        written = entries.write(entries.say(draft), place)
        self.count += 1
        if isinstance(draft, Draft):
            self.entries.append((index, written))
        else:
            self.system.learn(canonical.loads(written[112:]), place=index, at=at)
        return index

    def publish(self, book, *, effective=STARTED, at=STARTED):
        """Put a code of ethics in force."""
        self.system.add_code(book.document, book.digest)
        members = (("version", book.version), ("code", book.digest), ("effective", effective))
        self.add(SystemDraft(Kind.CODE, (*members, ("change", "published"))), at=at)
        self.code = book.digest

    def register(self, app, permissions, *, at=STARTED):
        """Register an app for triples; returns the digest of the registration."""
        approved = [
            {"purpose": purpose, "actions": [action], "datatypes": [name]}
            for purpose, action, name in sorted(permissions)
        ]
        document = json.dumps({"client_id": app, "ownship": {"approved": approved}}).encode()
        digest = hashlib.sha256(document).hexdigest()
        self.system.add_registration(document, digest)
        members = (("app", app), ("change", "added"), ("registration", digest))
        self.add(SystemDraft(Kind.REGISTRATION, members), at=at)
        return digest

    def app_is(self, app, change, *, at=STARTED):
        """Freeze or thaw an app."""
        self.add(SystemDraft(Kind.REGISTRATION, (("app", app), ("change", change))), at=at)

    def staff(self, role, *, change="enrolled", at=STARTED):
        """Let the member of staff have a role."""
        members = (("handle", HANDLE), ("role", role), ("change", change), ("by", HANDLE))
        self.add(SystemDraft(Kind.STAFF_ROLE, members), at=at)

    def draft(self, kind, **members):
        """Fill in what every draft about the customer has."""
        given: dict[str, Any] = {"actor": "customer", "code": self.code, "epoch": self.epoch}
        given |= members
        return Draft(customer=CUSTOMER, audit_key=self.key, kind=kind, **given)

    def consent(self, purpose, fields, *, state="given", start=STARTED, until=YEARS, at=STARTED):
        """Let the customer decide on a purpose."""
        self.epoch += 1
        kind = {"given": Kind.GIVEN, "renewed": Kind.GIVEN, "refused": Kind.REFUSED}
        change = ConsentChange(state, purpose, tuple(sorted(fields)), start, until, None, "00" * 32)
        named = kind.get(state, Kind.WITHDRAWN)
        return self.add(self.draft(named, purpose=purpose, consent=change), at=at)

    def stand(self, *, flags=0, objections=(), at=STARTED, kind=Kind.TERMS, **terms):
        """Let the customer's standing row say this from here on."""
        self.epoch += 1
        texts = (canonical.dumps(sorted(objections)).decode(), canonical.dumps(terms).decode())
        return self.add(self.draft(kind, standing=StandingNow(flags, *texts)), at=at)

    def value(self, name, source, *, at=STARTED):
        """Let somebody write a value."""
        members = {"allowed": ((name, f"field/{name}"),), "sources": ((name, source),)}
        asked = Asked("append" if name.startswith("interaction.") else "write", at)
        return self.add(self.draft(Kind.WRITTEN, actor="operator", asked=asked, **members), at=at)

    def replay(self):
        """Decide all of it again."""
        report = Report()
        one = Replay(self.system, report, self.keys, lambda _: ORIGIN)
        for place, entry in self.entries:
            one.learn(place, entry)
        for place, entry in self.entries:
            one.judge(place, entry)
        return report


ACTORS = {
    ActorKind.APP: "app:",
    ActorKind.CUSTOMER: "customer",
    ActorKind.STAFF: f"staff:{HANDLE}",
    ActorKind.OPERATOR: "operator",
    ActorKind.VAULT: "vault",
}
LOOKS = {ActorKind.CUSTOMER: Kind.OWN_LOOK, ActorKind.STAFF: Kind.STAFF_LOOK}


def draft_of(book, question, allowed, *, registration, at):
    """Return the entry of a decision, as the one path writes it."""
    reading = question.action is Action.READ
    ceiling = None
    if question.ceiling is not None:
        lines = (tuple(line) for line in question.ceiling if line.purpose == question.purpose)
        ceiling = tuple(sorted(lines))
    source = question.source.value if question.source else ""
    kind = LOOKS.get(question.kind, Kind.READ) if reading else Kind.WRITTEN
    return book.draft(kind)._replace(
        actor=ACTORS[question.kind]
        + (question.app or "" if question.kind is ActorKind.APP else ""),
        app=question.app,
        purpose=question.purpose,
        allowed=tuple(allowed),
        registration=registration,
        ceiling=ceiling,
        sources=() if reading else tuple((name, source) for name, _ in allowed),
        asked=Asked(
            question.action.value,
            at,
            question.role.value if question.role and question.kind is ActorKind.STAFF else None,
        ),
    )
