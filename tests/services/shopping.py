"""A customer who buys, calls and says what they like, for the tests of traits."""

from policies.decide import ActorKind, Permission
from policies.model import Action, Source
from tests.services.decisions import allow
from tests.traits import REGISTRATION
from vault.services import customer, interaction
from vault.services.ask import Ask
from vault.services.disclosure import disclose
from vault.services.interaction import Event

SAID = {"contact.email": "ana@example.org", "preferences.coffee": "espresso"}


async def add(deps, said=SAID, *, agrees=True):
    """Add a customer, who agrees to be rewarded."""
    who = await customer.add(deps, said, source=Source.TOLD)
    if agrees:
        await allow(deps, who, "rewards")
    return who


def ask(who, action, name):
    """Ask what the loyalty app may."""
    one = frozenset({Permission("rewards", action, name)})
    return Ask(
        customer=who,
        kind=ActorKind.APP,
        actor="app:loyalty",
        app="loyalty",
        purpose="rewards",
        action=action,
        names=(name,),
        registration=one,
        registration_digest=REGISTRATION,
        ceiling=one,
    )


async def happens(deps, who, kind="purchase", *, at=None, **content):
    """Let the loyalty app note a contact event."""
    event = Event(kind, at or deps.clock.now(), "shop", content)
    return (await interaction.append(deps, ask(who, Action.APPEND, f"interaction.{kind}"), event))[
        0
    ]


async def read(deps, who, name):
    """Return what the loyalty app is given of a trait, as (value, source); None for nothing."""
    (answer,) = await disclose(deps, [ask(who, Action.READ, f"traits.{name}")])
    return next(((one.value, one.source) for one in answer.opened), None)
