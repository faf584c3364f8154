"""The richer sample code with a card that apps may give, and with benefits for what is shared."""

from policies.compile import compile_
from policies.model import Rulebook
from tests.richer import PATH
from tests.richer import publish as publish_code

CLAUSE = """\
    required:
      loyalty.card: [read]
      loyalty.points: [read, write]
      interaction.purchase: [read, append]
    optional:
      contact.full_name: [read]
      contact.birth_date: [read]
      preferences.coffee: [read, write]
      preferences.store: [read, write]
    recipients: [loyalty]
"""
BENEFITS = """\
    benefits:
      tenth: {label: Every tenth drink, needs: [loyalty.points, interaction.purchase]}
      birthday: {label: A drink on your birthday, needs: [contact.birth_date]}
      ready: {label: Your coffee ready when you come, needs: [preferences.coffee, preferences.store]}
"""
SOURCE = PATH.read_text(encoding="utf-8").replace(
    CLAUSE, CLAUSE.replace("loyalty.card: [read]", "loyalty.card: [read, write]") + BENEFITS
)
RULEBOOK: Rulebook = compile_(SOURCE.encode(), name="rewards.yaml")
PURPOSE = "loyalty.rewards"
NAMES = [
    "contact.birth_date",
    "contact.full_name",
    "loyalty.card",
    "loyalty.points",
    "preferences.coffee",
    "preferences.store",
]
APPROVED = [
    {
        "purpose": PURPOSE,
        "actions": ["read"],
        "datatypes": [*NAMES, "interaction.purchase"],
    },
    {"purpose": PURPOSE, "actions": ["write"], "datatypes": ["loyalty.card", "loyalty.points"]},
    {"purpose": PURPOSE, "actions": ["append"], "datatypes": ["interaction.purchase"]},
]


async def publish(deps: object) -> None:
    """Put it in force."""
    await publish_code(deps, rulebook=RULEBOOK, source=SOURCE.encode())
