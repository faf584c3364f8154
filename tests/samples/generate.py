"""Write the sample customers: `python -m tests.samples.generate > vault/samples/customers.csv`.

Nobody in it exists. E-mails are under names that RFC 2606 reserves; telephone numbers are of the
ranges that Ofcom and NANPA keep for fiction. The same program writes the same bytes.
"""

import csv
import hashlib
import sys
import unicodedata
from collections.abc import Sequence
from typing import TextIO, TypeVar

from tests.samples.names import LOCALES, SINGLES

ROWS = 1_000
COLUMNS = (
    "id",
    "name",
    "email",
    "tel",
    "address",
    "language",
    "born",
    "note",
    "shop",
    "coffee",
    "topics",
    "card",
    "points",
    "joined",
    "letters",
    "letters_at",
    "letters_form",
    "rewards",
    "rewards_birthday",
    "rewards_at",
    "rewards_form",
)
NOTES = ("Behind the blue door", "With the neighbours at 7", "Ring twice; the dog is kind", "Porch")
TOPICS = ("coffee", "tea", "courses", "offers")
AREAS = (202, 212, 303, 312, 404, 415, 503, 617, 702, 808)  # each has 555-0100 to 555-0199

T = TypeVar("T")


def number(row: int, what: str, below: int) -> int:
    """Return a number that only the row and the question decide."""
    return int.from_bytes(hashlib.sha256(f"{row}:{what}".encode()).digest()[:8]) % below


def pick(row: int, what: str, several: Sequence[T]) -> T:
    return several[number(row, what, len(several))]


def card(row: int) -> str:
    """Return a card number that no bank has, with its check digit."""
    digits = f"6050{row:08d}"
    doubled = (sum(divmod(int(digit) * 2, 10)) for digit in digits[::-2])
    total = sum(doubled) + sum(int(digit) for digit in digits[-2::-2])
    whole = f"{digits}{-total % 10}"
    return f"{whole[:4]} {whole[4:8]} {whole[8:]}"


def telephone(row: int) -> str:
    if row % 5 < 3:
        return f"+44 7700 900{row % 1000:03d}"
    return f"+1 ({AREAS[row // 100]}) 555-01{row % 100:02d}"


def moment(row: int, what: str) -> str:
    day = 1 + number(row, what, 28)
    month = 1 + number(row, what + "month", 10)
    return f"2026-{month:02d}-{day:02d}T{8 + number(row, what + 'hour', 12):02d}:30:00Z"


def mail(row: int, name: str) -> str:
    """Return an address of the Latin letters of a name, and the row, so that no two are equal."""
    plain = unicodedata.normalize("NFD", name.lower()).replace(" ", ".")
    local = "".join(one for one in plain if one.isascii() and (one.isalnum() or one in ".'-"))
    local = local.strip(".'-")[:30].strip(".'-").replace("..", ".") or "customer"
    return f"{local}.{row}@example.{pick(row, 'domain', ('org', 'com', 'net'))}"


def customer(row: int) -> dict[str, str]:
    """Return one row; what a customer did not tell is empty."""
    locale = pick(row, "locale", sorted(LOCALES))
    given, family, form, street, town = LOCALES[locale]
    splitter = "|" if "|" in given else " "
    name = form.format(
        given=pick(row, "given", given.split(splitter)),
        family=pick(row, "family", family.split("|")),
    )
    if row % 25 == 0:
        name = pick(row, "single", SINGLES)
    home = f"{street.format(n=1 + number(row, 'house', 140))}, {town}"
    told = {
        "id": f"S-{row:05d}",
        "name": name,
        "email": mail(row, name),
        "tel": telephone(row) if number(row, "tel", 4) else "",
        "address": home if number(row, "address", 8) else "",
        "language": {"pt-BR": "pt_br", "pt-PT": "pt_pt"}.get(locale, "en"),
        "born": f"{1938 + number(row, 'year', 69)}-{1 + number(row, 'm', 12):02d}-"
        f"{1 + number(row, 'd', 28):02d}",
        "note": pick(row, "note", NOTES) if not number(row, "hasnote", 4) else "",
        "shop": pick(row, "shop", ("harbour", "station", "")),
        "coffee": pick(row, "coffee", ("espresso", "flat_white", "filter", "tea", "")),
        "joined": f"2025-{1 + number(row, 'jm', 12):02d}-{1 + number(row, 'jd', 28):02d}",
    }
    return told | _letters(row) | _rewards(row)


def _letters(row: int) -> dict[str, str]:
    if number(row, "letters", 100) >= 45:
        return {"letters": "0"}
    # A tick without a form is no evidence, and no evidence is no consent.
    form = "" if number(row, "lost", 10) == 0 else f"WEB-LETTERS-3/{row:05d}"
    topics = ";".join(topic for topic in TOPICS if number(row, topic, 2))
    return {
        "letters": "1",
        "letters_at": moment(row, "letters_at"),
        "letters_form": form,
        "topics": topics,
    }


def _rewards(row: int) -> dict[str, str]:
    if number(row, "rewards", 100) >= 55:
        return {"rewards": "0"}
    return {
        "card": card(row),
        "points": str(number(row, "points", 480)),
        "rewards": "1",
        "rewards_birthday": str(number(row, "birthday", 2)),
        "rewards_at": moment(row, "rewards_at"),
        "rewards_form": f"SHOP-CARD-2/{row:05d}",
    }


# The first one is known to the demonstration: rewards without the birthday, and no letters.
ANA = {
    "id": "S-00001",
    "name": "Ana Conceição d'Ávila",
    "email": "ana@example.org",
    "tel": "+44 7700 900001",
    "address": "12 Harbour Street, Dublin",
    "language": "en",
    "born": "1984-04-02",
    "note": "Behind the blue door",
    "shop": "harbour",
    "coffee": "flat_white",
    "joined": "2025-03-01",
    "card": card(1),
    "points": "42",
    "letters": "0",
    "rewards": "1",
    "rewards_birthday": "0",
    "rewards_at": "2026-03-01T10:30:00Z",
    "rewards_form": "SHOP-CARD-2/00001",
}


def write(file: TextIO) -> None:
    """Write all rows as RFC 4180 with line feeds."""
    writer = csv.DictWriter(file, COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerow(ANA)
    writer.writerows(customer(row) for row in range(2, ROWS + 1))


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8", newline="\n")  # type: ignore[union-attr]
    write(sys.stdout)
