"""Compare what two codes of ethics say in a clause of contacts, methods, benefits and surveys.

What both speak of is compared; what only one of them has is a matter of the list that it stands in.
Source: consent-standards note, 5 and 8; docs/replay.md.
"""

import json
from collections.abc import Iterable, Iterator
from typing import Final

from vault.verifier.replay_code import Code, Said
from vault.verifier.replay_compare import flags, sets, spans, turned

_LEAST_GROUP: Final = 10  # customers, where a code says nothing


def of_clause(old: Code, new: Code, before: Said, later: Said) -> Iterable[str]:
    """Give an answer for each part that is compared."""
    both = ((old, before), (new, later))
    used = {use["name"] for use in before["uses"]}
    for name in (use["name"] for use in later["uses"] if use["name"] in used):
        yield _methods(old.derivation(name), new.derivation(name))
        if name.startswith("interaction."):
            yield from _contact(old.kept(name) or {}, new.kept(name) or {})
    given, then = (
        {one["id"]: one["needs"] for one in it.get("benefits", ())} for it in (before, later)
    )
    yield turned(sets(given, then))
    yield from (sets(given[one], then[one]) for one in given.keys() & then.keys())
    yield from _surveys(*(_asked(code, clause["id"]) for code, clause in both))
    yield sets(*(_compared(code, clause["id"]) for code, clause in both))
    yield _groups(*(_least(code, clause["id"]) for code, clause in both))


def _methods(one: Said | None, other: Said | None) -> str:
    """Compare how a field is worked out: each other way asks more, and none at all less."""
    if other is None:
        return "same" if one is None else "less"
    if one is None:
        return "more"
    return "same" if _written(one) == _written(other) else "more"


def _written(derivation: Said) -> str:
    return json.dumps(derivation.get("method"), sort_keys=True)


def _contact(one: Said, other: Said) -> Iterator[str]:
    yield sets(_some(one.get("reaches")), _some(other.get("reaches")))
    yield turned(flags(one.get("portal"), other.get("portal")))
    rule, then = one.get("follow_up"), other.get("follow_up")
    if rule is None or then is None:
        yield "same" if rule == then else "less" if rule is None else "more"
    elif rule["owner"] != then["owner"]:
        yield "more"
    else:
        yield spans(rule["within"], then["within"])


def _some(value: str | None) -> list[str]:
    return [] if value is None else [value]


def _asked(code: Code, purpose: str) -> dict[str, Said]:
    found = code.said.get("surveys", ())
    return {one["id"]: one for one in found if one["purpose"] == purpose}


def _surveys(old: dict[str, Said], new: dict[str, Said]) -> Iterator[str]:
    yield sets(old, new)
    for name in old.keys() & new.keys():
        one, other = old[name], new[name]
        yield sets(one["after"], other["after"])
        yield sets([one["channel"]], [other["channel"]])
        yield sets(_questions(one), _questions(other))
        yield "same" if one["answer"] == other["answer"] else "more"
        for key in ("wait", "at_most"):  # the longer, the more seldom
            yield spans(other[key], one[key])
        yield spans(one["expires"], other["expires"])


def _questions(survey: Said) -> Iterator[str]:
    for one in survey["questions"]:
        yield json.dumps([one["id"], one["type"], one.get("low")])
        yield from (json.dumps([one["id"], it["id"]]) for it in one.get("choices", ()))


def _compared(code: Code, purpose: str) -> list[str]:
    rule = code.said.get("duplicates") or {}
    if rule.get("purpose") != purpose:
        return []
    return [json.dumps(sorted(names)) for names in rule["same"]]


def _least(code: Code, purpose: str) -> int | None:
    """Return of how many customers a result must be; None where a clause has no results."""
    if not _asked(code, purpose):
        return None
    return int(code.said.get("minimum_group") or _LEAST_GROUP)


def _groups(one: int | None, other: int | None) -> str:
    if one == other:
        return "same"
    if one is None or other is None:
        return "less" if other is None else "more"
    return "less" if other > one else "more"
