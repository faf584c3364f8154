"""A small code of ethics by which the vault works traits out of each kind, for tests."""

import json
from datetime import UTC, datetime

from policies.compile import compile_
from tests.policies.documents import swapped
from vault.core.entry import Kind
from vault.core.times import unix_ms
from vault.services import unit
from vault.services.draft import SystemDraft
from vault.store import code as code_store
from vault.store import commit
from vault.store.code import CodeRow

_FIELD = """\
  traits.{name}:
    label: {label}
    why: To serve you as you like.
    type: {type}
    category: Preference
    sensitivity: ordinary
    sources: [{sources}]
    retention: P1Y
"""
_CHOICES = "choice\n    choices: {{{choices}}}"


def _field(name, label, kind="number", choices="", sources="inferred"):
    made = _CHOICES.format(choices=choices) if choices else kind
    return _FIELD.format(name=name, label=label, type=made, sources=sources)


FIELDS = (
    _field("often", "How often you come", choices="seldom: Seldom, often: Often")
    + _field("spent", "How much you spend")
    + _field("days", "Days since you came")
    + _field("group", "What you look for", choices="purist: Purist, explorer: Explorer",
             sources="told, inferred")
    + _field("way", "How you like to talk", choices="phone: By phone, shop: In the shop")
)  # fmt: skip
CALL = """\
  call:
    label: Call
    why: To answer you.
    category: Communication
    sensitivity: ordinary
    sources: [observed]
    retention: P1Y
"""
_DERIVATION = """\
  {name}:
    label: {name}
    how: We go by what you did with us.
    field: traits.{name}
    from: [{inputs}]
    automation: FullAutomation
    purposes: [{purposes}]
    contest: Say so on its page, and it is gone.
    method: {method}
"""


def _derivation(name, inputs, method, purposes="rewards"):
    return _DERIVATION.format(name=name, inputs=inputs, method=f"{{{method}}}", purposes=purposes)


BOUGHT = "interaction.purchase"
DERIVATIONS = "derivations:\n" + (
    _derivation(
        "often", BOUGHT,
        "function: frequency, period: P12M, least: 2, bands: {seldom: 1, often: 4}",
    )
    + _derivation("spent", BOUGHT, "function: value, period: P12M, fact: total")
    + _derivation("days", BOUGHT, "function: recency", "fraud")
    + _derivation(
        "group", "preferences.coffee",
        "function: needs, segments: {purist: {preferences.coffee: [espresso]}, "
        "explorer: {preferences.coffee: [filter]}}",
    )
    + _derivation(
        "way", f"{BOUGHT}, interaction.call",
        "function: channel, period: P12M, ways: {phone: [call], shop: [purchase]}",
    )
)  # fmt: skip
TRAITS = ("often", "spent", "group", "way")
_FRAUD = "    until: Until the order is sent.\n    required:\n      contact.email: [read]\n"
_INFERRING = """\
    until: Until the order is sent.
    profiling: yes
    required:
      contact.email: [read]
      interaction.purchase: [read]
      traits.days: [read, write]
"""
TEXT = swapped(
    ("version: 2026-11\n", "version: 2026-11-8\n"),
    ("effective: 2026-11-01", "effective: 2026-11-02"),
    ("  observed: We saw it while we served you.\n",
     "  observed: We saw it while we served you.\n  inferred: We concluded it.\n"),
    ("interactions:\n", f"{FIELDS}interactions:\n{CALL}"),
    ("      interaction.purchase: [read, append]\n",
     "      interaction.purchase: [read, append]\n      interaction.call: [read, append]\n"
     + "".join(f"      traits.{name}: [read, write]\n" for name in TRAITS)),
    ("    expiry: P12M\n", "    expiry: P12M\n    profiling: yes\n"),
    (_FRAUD, _INFERRING),
    ("terms: [pause, never-purpose]\n",
     f"{DERIVATIONS}terms: [pause, never-purpose, no-profiling]\n"),
)  # fmt: skip
REGISTRATION = "cd" * 32
APPROVED = [
    {
        "purpose": "rewards",
        "actions": ["read", "append"],
        "datatypes": [BOUGHT, "interaction.call", *(f"traits.{name}" for name in TRAITS)],
    }
]
RULEBOOK = compile_(TEXT.encode(), name="traits.yaml")


async def publish(deps, *, rulebook=RULEBOOK, text=TEXT):
    """Let it be in force from a day after the one of `tests/vaults.py`."""
    effective_at = datetime.fromisoformat(rulebook.code.effective).replace(tzinfo=UTC)
    row = CodeRow(
        version=rulebook.version,
        digest=rulebook.digest,
        source=text.encode(),
        document=rulebook.document.decode(),
        published_at=deps.clock.now(),
        effective_at=effective_at,
        bootstrap=True,
        mac=deps.codes.mac(rulebook, effective_at=effective_at),
    )
    await commit.request(deps.database, lambda conn: code_store.publish(conn, row))
    await unit.run(deps, lambda it: _told(it, rulebook, unix_ms(effective_at)))


async def _told(it, rulebook, effective):
    """Let the log say which code is in force and what its app may, as the commands do."""
    members = (("version", rulebook.version), ("code", rulebook.digest))
    it.log(SystemDraft(Kind.CODE, (*members, ("effective", effective), ("change", "published"))))
    given = (("registration", REGISTRATION), ("approved", json.dumps(APPROVED)))
    it.log(SystemDraft(Kind.REGISTRATION, (("app", "loyalty"), ("change", "added"), *given)))


def compiled(text):
    """Compile another version of it."""
    return compile_(text.encode(), name="traits.yaml")
