"""Say the fields of an answer as apps read them: what was opened, and what was withheld and why.

Source: INTERFACES, Data API.
"""

from policies.reasons import coarse
from vault.api.calls import utc
from vault.services.ask import Answer, Opened
from vault.services.deps import Deps


def fields_of(answer: Answer, purpose: str, deps: Deps) -> dict[str, object]:
    """Return the fields that were opened, and those withheld with the reason that an app may see.

    It is for `body_bytes`, which writes the times.
    """
    return {
        "fields": {one.name: _field(one) for one in answer.opened},
        "withheld": [
            {
                "field": one.name,
                "reason": coarse(one.reason),
                "clause": purpose,
                "how_to_ask": f"{deps.issuer}/privacy/{purpose}",
            }
            for one in answer.withheld
        ],
    }


def _field(one: Opened) -> dict[str, object]:
    found: dict[str, object] = {"value": one.value, "source": one.source, "since": utc(one.since)}
    if one.disputed:
        found["disputed"] = True
    if one.verified:
        found["verified"] = utc(one.verified)
    return found
