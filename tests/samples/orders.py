"""Write the sample orders and reviews: `python -m tests.samples.orders FOLDER`.

They are of the sample customers, and of nobody else: what was bought is made up, and so is what was said
about it. The same program writes the same bytes.
"""

import csv
import io
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.samples.generate import ROWS, number, pick

ORDERS = 1_500
ORDER_COLUMNS = ("number", "customer", "placed", "where", "items", "total", "state")
REVIEW_COLUMNS = ("review", "order", "written", "stars", "title", "text")
GOODS = (
    ("House blend, 250 g", 890),
    ("Single farm, 250 g", 1_250),
    ("Decaf, 250 g", 950),
    ("Filter papers", 420),
    ("Cup, blue", 1_400),
    ("Course: milk and foam", 4_500),
    ("Green tea, 100 g", 780),
)
TITLES = ("", "Lovely", "As always", "Not quite", "Ótimo", "美味しい")
TEXTS = (
    "",
    'Came on time.\nThe "house blend" is my favourite.',
    "A bit sour for me; the cup is pretty, though.",
    "Chegou bem embalado. Volto a comprar!",
    "The dog liked the box.",
    "Two of three bags were there; the third one came a day later.",
)


def order(row: int) -> dict[str, str]:
    """Return one order; the first ones are of the customer whom the demonstration knows."""
    who = 1 if row <= 3 else 1 + number(row, "who", ROWS)
    bought = [pick(row, f"item{n}", GOODS) for n in range(1 + number(row, "items", 3))]
    cents = sum(price for _, price in bought)
    day, month = 1 + number(row, "day", 28), 1 + number(row, "month", 9)
    return {
        "number": f"W-{row:06d}",
        "customer": f"S-{who:05d}",
        "placed": f"2026-{month:02d}-{day:02d} {8 + number(row, 'hour', 12):02d}:15:00",
        "where": pick(row, "where", ("web shop", "harbour", "station")),
        "items": " + ".join(name for name, _ in bought),
        "total": f"{cents // 100}.{cents % 100:02d} EUR",
        "state": pick(row, "state", ("delivered", "delivered", "collected", "returned")),
    }


def reviews() -> Iterator[dict[str, str]]:
    """Give the reviews: of about every third order, some days later."""
    for row in range(1, ORDERS + 1):
        if row > 1 and number(row, "reviewed", 3):
            continue
        placed = order(row)["placed"]
        yield {
            "review": f"R-{row:06d}",
            "order": f"W-{row:06d}",
            "written": f"2026-{int(placed[5:7]) + 1:02d}-{placed[8:10]} 20:00:00",
            "stars": str(1 + number(row, "stars", 5)),
            "title": pick(row, "title", TITLES),
            "text": pick(row, "text", TEXTS),
        }


def files() -> dict[str, str]:
    """Return the files by name."""
    return {
        "orders.csv": _text(ORDER_COLUMNS, (order(row) for row in range(1, ORDERS + 1))),
        "reviews.csv": _text(REVIEW_COLUMNS, reviews()),
    }


def _text(columns: tuple[str, ...], rows: Iterator[dict[str, str]]) -> str:
    file = io.StringIO()
    writer = csv.DictWriter(file, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue()


if __name__ == "__main__":
    for name, text in files().items():
        (Path(sys.argv[1]) / name).write_text(text, encoding="utf-8", newline="\n")
