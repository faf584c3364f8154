"""A small good code of ethics, and ways to spoil it."""

from pathlib import Path

from policies.compile import compile_
from policies.errors import CodeError, CodeErrors
from policies.model import Rulebook

SAMPLE = Path(__file__).resolve().parents[2] / "policies" / "codes" / "sample-2026-11.yaml"

GOOD = """\
format: 1
version: 2026-11
effective: 2026-11-01
languages: [en]
title: Code of ethics
publisher:
  name: Sample Shop
  address: 1 Harbour Street, Dublin
  country: IE
  email: hello@shop.example.org
  url: https://shop.example.org
  dpo: {name: Officer, email: dpo@shop.example.org}
  authority: {name: Authority, url: https://authority.example.org}
promises:
  - We never sell what we know about you.
sources:
  told: You told us.
  observed: We saw it while we served you.
fields:
  contact.email:
    label: E-mail
    why: To write to you.
    type: email
    category: EmailAddress
    sensitivity: ordinary
    identifies: email
    sources: [told]
    retention: P3Y
  contact.birth_date:
    label: Date of birth
    why: To congratulate you.
    type: date
    category: BirthDate
    sensitivity: ordinary
    sources: [told]
    retention: P3Y
  preferences.coffee:
    label: Coffee
    why: To make it as you like it.
    type: choice
    choices: {espresso: Espresso, filter: Filter coffee}
    category: FavouriteFood
    sensitivity: ordinary
    sources: [told]
    retention: P1Y
  preferences.note:
    label: Note
    why: To leave parcels where you want them.
    type: text
    max_length: 300
    category: Preference
    sensitivity: ordinary
    sources: [told]
    retention: P1Y
interactions:
  purchase:
    label: Purchase
    why: To bring it.
    category: Purchase
    sensitivity: ordinary
    sources: [observed]
    retention: P3Y
recipients:
  delivery: {name: Planner, team: Logistics, country: IE}
  loyalty: {name: Card, team: Shops, country: IE}
purposes:
  delivery:
    label: Delivery
    types: [DeliveryOfGoods]
    what: We bring what you ordered.
    why: You ordered it.
    benefit: It comes when you are in.
    without: You fetch it yourself.
    basis: contract
    until: Until it has arrived.
    required:
      contact.email: [read]
      interaction.purchase: [read]
    optional:
      preferences.note: [read]
    recipients: [delivery]
  rewards:
    label: Rewards
    types: [PersonalisedBenefits]
    what: We count points.
    why: So that rewards please you.
    benefit: A drink for every ten.
    without: You buy as before.
    basis: consent
    expiry: P12M
    required:
      contact.birth_date: [read]
    optional:
      preferences.coffee: [read, write]
      interaction.purchase: [read, append]
    recipients: [loyalty]
  fraud:
    label: Fraud
    types: [FraudPreventionAndDetection]
    what: We look at large orders.
    why: Some people pay with stolen cards.
    benefit: Prices stay low.
    without: You can object.
    basis: legitimate-interest
    balancing: It hurts nobody.
    until: Until the order is sent.
    required:
      contact.email: [read]
    staff: [support]
terms: [pause, never-purpose]
"""


def good() -> Rulebook:
    return compile_(GOOD.encode(), name="good.yaml")


def sample() -> Rulebook:
    return compile_(SAMPLE.read_bytes(), name=SAMPLE.name)


def swapped(*pairs: tuple[str, str], text: str = GOOD) -> str:
    """Replace each first text by its second; the first must stand there once."""
    for old, new in pairs:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


def errors_of(text: str | bytes) -> tuple[CodeError, ...]:
    """Compile what must not compile."""
    data = text if isinstance(text, bytes) else text.encode()
    try:
        compile_(data, name="code.yaml")
    except CodeErrors as errors:
        return errors.errors
    raise AssertionError("it compiled")
