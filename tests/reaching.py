"""A code of ethics by which a shop reaches customers: letters, calls, and what a law makes it tell."""

from policies.compile import compile_
from tests.richer import PATH

_KINDS = """\
interactions:
  newsletter_mail:
    label: Letter by e-mail
    why: To know how often we wrote to you.
    category: Communication
    sensitivity: ordinary
    sources: [observed]
    retention: P1Y
    reaches: email
  sales_call:
    label: Call by us
    why: To know how often we called you.
    category: Communication
    sensitivity: ordinary
    sources: [observed]
    retention: P1Y
    reaches: phone
"""
_MARKETING = "      preferences.store: [read]\n      contact.phone: [read]\n"
_MORE = """\
      interaction.newsletter_mail: [read, append]
      interaction.sales_call: [read, append]
      interaction.purchase: [append]
"""
_TAX = "    recipients: [ledger]\n"
_TAXED = "      interaction.purchase: [read, append]\n"
_LETTERS = """\
      contact.email: [read]
      interaction.newsletter_mail: [append]
"""
_SWAPS = (
    ("interactions:\n", _KINDS),
    (_MARKETING, _MARKETING + _MORE),
    (_TAXED + _TAX, _TAXED + _LETTERS + _TAX),
    ("  - no-sharing\n", "  - no-sharing\n  - at-most\n"),
)


def _text() -> str:
    text = PATH.read_text()
    for before, after in _SWAPS:
        assert text.count(before) == 1, before
        text = text.replace(before, after)
    return text


TEXT = _text()
RULEBOOK = compile_(TEXT.encode(), name="reaching.yaml")
READ = ["contact.email", "contact.full_name", "contact.phone"]
KINDS = ["interaction.newsletter_mail", "interaction.sales_call"]
NEWSLETTER = [
    {"purpose": "marketing", "actions": ["read"], "datatypes": [*READ, *KINDS]},
    {
        "purpose": "marketing",
        "actions": ["append"],
        "datatypes": [*KINDS, "interaction.purchase"],
    },
]
LEDGER = [
    {"purpose": "tax", "actions": ["read"], "datatypes": ["contact.full_name", "contact.email"]},
    {"purpose": "tax", "actions": ["append"], "datatypes": ["interaction.newsletter_mail"]},
]
