"""Let apps look at a customer, as the API would let them."""

from policies.decide import ActorKind, Permission
from policies.model import Action
from vault.services.ask import Ask
from vault.services.disclosure import disclose


async def by_app(deps, who, app, purpose, *names, request="app-request-1"):
    """Let a registered app with a wide enough token ask for some names."""
    covered = frozenset(Permission(purpose, Action.READ, name) for name in names)
    ask = Ask(
        customer=who,
        kind=ActorKind.APP,
        actor=f"app:{app}",
        app=app,
        purpose=purpose,
        names=names,
        registration=covered,
        ceiling=covered,
        request=request,
    )
    return (await disclose(deps, [ask]))[0]


async def some(deps, who):
    """Let two apps look: one is allowed, one is refused."""
    await by_app(deps, who, "delivery", "delivery", "contact.full_name", "contact.postal_address")
    await by_app(deps, who, "newsletter", "marketing", "contact.email", "contact.full_name")
