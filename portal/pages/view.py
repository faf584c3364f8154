"""Remember whether a customer likes few options or many, and go back to the page that asked."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from portal.answers import Go
from portal.visit import Visit
from vault.services import portal_choice
from vault.services.consent_notice import View


class _Wish(BaseModel):
    model_config = ConfigDict(frozen=True)

    view: View
    back: Literal["/privacy", "/privacy/terms"]


async def choose(visit: Visit) -> Go:
    """Remember the view; nothing else changes."""
    form = visit.form.read(_Wish)
    await portal_choice.save_view(visit.deps, visit.customer, form.view)
    return Go(form.back)
