"""Made-up customers: a file of ten fields and three consents each, its mapping, its code of ethics.

What is imported is known, so that what is read can be compared. No two customers have an
identifier in common.
"""

import csv
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.vaults import RULEBOOK, SAMPLE

COLUMNS = (
    "id", "name", "email", "tel", "address", "language", "born", "shop", "card", "points",
)  # fmt: skip
CONSENTS = 3
MAPPING = b"""
mapping: 1
files: {customers: {format: csv}}
customers:
  identify: {account.external_id: {column: id, source: observed}}
  source: told
  fields:
    contact.full_name: name
    contact.email: email
    contact.phone: tel
    contact.postal_address: address
    contact.language: language
    contact.birth_date: born
    preferences.store: shop
    loyalty.card: card
    loyalty.points: {column: points, source: observed}
  consents:
    - {purpose: loyalty.rewards, when: {yes: "1"}, at: {column: signed, format: "%Y-%m-%d"}, evidence: form}
    - {purpose: marketing, when: {yes: "1"}, at: {column: signed, format: "%Y-%m-%d"}, evidence: form}
    - {purpose: courses, when: {yes: "1"}, at: {column: signed, format: "%Y-%m-%d"}, evidence: form}
"""
# The sample's purpose reads seven of the ten fields; a third purpose asks for consent too.
MORE = """\
      contact.phone: [read]
      contact.postal_address: [read]
      contact.language: [read]
      account.external_id: [read]
    recipients: [loyalty]

  courses:
    label: Courses and tastings
    types: [DirectMarketing]
    what: We invite you to courses and tastings.
    why: We would like you to hear of what may please you.
    benefit: You hear of courses in time to choose.
    without: You get no invitations. The same news stands in our shops and on our pages.
    basis: consent
    expiry: P12M
    required:
      contact.email: [read]
    recipients: [newsletter]
"""
_STORES = next(
    [choice.id for choice in one.choices]
    for one in RULEBOOK.code.fields
    if one.name == "preferences.store"
)


def code(folder: Path) -> Path:
    """Write the code of ethics of the bench: the sample's, with more to read."""
    text = SAMPLE.read_text(encoding="utf-8")
    head, tail = text.split("  loyalty.rewards:\n", 1)
    purpose, rest = tail.split("    recipients: [loyalty]\n", 1)
    text = f"{head}  loyalty.rewards:\n{purpose}{MORE}{rest}"
    path = folder / "bench-2026-12.yaml"
    changed = text.replace("version: 2026-11\n", "version: 2026-12\n", 1)
    path.write_text(
        changed.replace("effective: 2026-11-01", "effective: 2026-11-02", 1), encoding="utf-8"
    )
    return path


def write(path: Path, count: int) -> None:
    """Write the file of some customers, who signed all three consents yesterday."""
    signed = (datetime.now(UTC) - timedelta(days=1)).strftime("%Y-%m-%d")
    with path.open("w", newline="", encoding="utf-8") as raw:
        writer = csv.writer(raw)
        writer.writerow((*COLUMNS, "yes", "signed", "form"))
        writer.writerows((*row(n), "1", signed, f"F{n}") for n in range(count))


def rows(count: int) -> Iterator[tuple[str, ...]]:
    """Give the cells of the first customers, without their consents."""
    return map(row, range(count))


def row(n: int) -> tuple[str, ...]:
    """Return the cells of one customer, by number, without consents."""
    digits = f"{n:010d}"
    return (
        f"C-{digits}",
        f"Customer Ó{n}",
        f"c{n}@example.org",
        f"+3538{n % 10}{n // 10:07d}"[:13],
        f"{n} Example Street; Dublin; D0{n % 9} X0{n % 10}0; IE",
        "en",
        f"19{n % 60 + 30}-0{n % 9 + 1}-1{n % 10}",
        _STORES[n % len(_STORES)],
        _luhn(f"7{digits}"),
        str(n % 5_000),
    )


def _luhn(digits: str) -> str:
    """Return digits with their check digit."""
    total = sum(sum(divmod(2 * int(one), 10)) for one in digits[-1::-2])
    total += sum(int(one) for one in digits[-2::-2])
    return f"{digits}{-total % 10}"
