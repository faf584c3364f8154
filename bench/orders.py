"""Made-up customers, orders and reviews: three files with the columns of a public data set of a web shop.

Every customer has one order and every order one review, so that what must be stored is known.
"""

import csv
from pathlib import Path

MAPPING = b"""
mapping: 1
files:
  customers: {key: customer_id}
  orders: {key: order_id, joins: {customer_id: customers.customer_id}}
  reviews: {key: review_id, joins: {order_id: orders.order_id}}
customers:
  identify: {account.external_id: {column: customer_unique_id, source: observed}}
  source: told
  fields: {contact.postal_address: customer_city}
orders:
  interaction: purchase
  at: {column: order_purchase_timestamp, format: "%Y-%m-%d %H:%M:%S", zone: America/Sao_Paulo}
  channel: {always: web shop}
  facts:
    status: order_status
    approved: order_approved_at
    delivered: order_delivered_customer_date
    promised: order_estimated_delivery_date
reviews:
  interaction: survey_answer
  at: {column: review_creation_date, format: "%Y-%m-%d %H:%M:%S", zone: America/Sao_Paulo}
  channel: {always: e-mail}
  facts: {score: review_score, title: review_comment_title, message: review_comment_message}
"""
HEADERS = {
    "customers": (
        "customer_id", "customer_unique_id", "customer_zip_code_prefix", "customer_city",
        "customer_state",
    ),
    "orders": (
        "order_id", "customer_id", "order_status", "order_purchase_timestamp", "order_approved_at",
        "order_delivered_carrier_date", "order_delivered_customer_date",
        "order_estimated_delivery_date",
    ),
    "reviews": (
        "review_id", "order_id", "review_score", "review_comment_title", "review_comment_message",
        "review_creation_date", "review_answer_timestamp",
    ),
}  # fmt: skip
_CITIES = (("são paulo", "SP"), ("rio de janeiro", "RJ"), ("belo horizonte", "MG"), ("natal", "RN"))
_SAID = ("", "", "Recebi bem antes do prazo estipulado.", "Produto de ótima qualidade, recomendo!")


def write(folder: Path, count: int) -> dict[str, Path]:
    """Write the three files of so many customers; returns their paths by name."""
    found = {name: folder / f"{name}.csv" for name in HEADERS}
    for name, rows in (("customers", _customer), ("orders", _order), ("reviews", _review)):
        with found[name].open("w", newline="", encoding="utf-8") as raw:
            writer = csv.writer(raw, quoting=csv.QUOTE_ALL)
            writer.writerow(HEADERS[name])
            writer.writerows(rows(n) for n in range(count))
    return found


def _customer(n: int) -> tuple[str, ...]:
    city, state = _CITIES[n % len(_CITIES)]
    return f"{n:032x}", f"u{n:031x}", f"{n % 99_999:05d}", city, state


def _order(n: int) -> tuple[str, ...]:
    days = [f"2026-{n % 9 + 1:02d}-{day:02d} 10:{n % 60:02d}:{n % 59:02d}" for day in range(3, 8)]
    return f"{n:032x}", f"{n:032x}", "delivered", *days


def _review(n: int) -> tuple[str, ...]:
    day = f"2026-{n % 9 + 1:02d}-{n % 20 + 8:02d} 00:00:00"
    return f"{n:032x}", f"{n:032x}", str(n % 5 + 1), "", _SAID[n % len(_SAID)], day, day
