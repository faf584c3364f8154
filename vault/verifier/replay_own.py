"""Say what is right without a purpose: the person's own looks, the shell's writes, the vault's.

Also what no code of ethics decides: staff who look into an entry, into the words of a hold or into
a request, who says how a follow-up stands, the marks of a person, and what the vault deletes because
its time is over.
Source: DESIGN 1 and 5; docs/formats.md, 15; docs/replay.md.
"""

from collections.abc import Callable, Mapping
from typing import Final

from vault.verifier.replay_code import INTERACTION
from vault.verifier.replay_rules import APPEND, READ, WRITE, Case

WRITTEN, OWN_LOOK, STAFF_LOOK, EXPORT, MARKED = 2, 4, 5, 6, 8
MARKS: Final = frozenset({"told", "disputed", "undisputed", "confirmed"})
REQUESTS: Final = frozenset({"support", "steward", "compliance"})  # roles that see requests
FOLLOWERS: Final = frozenset({"support", "steward"})  # roles that see to what follows a contact
CHECKER: Final = "compliance"  # the role that looks into entries and holds


def refusal(one: Case, kind: int) -> str | None:
    """Return why it should have been refused; None where it was right.

    Raises:
        UndecidedError: the log does not tell.
    """
    special = SPECIAL.get((kind, one.name, one.clause))
    if special is not None:
        return special(one)
    if kind == MARKED:
        known = one.code.kept(one.name) is not None and one.clause in MARKS
        return None if known and one.who == "customer" else "wrong-mark"
    if one.said["purpose"] is not None:
        return "no-clause"
    if one.who == "vault" and kind == WRITTEN:
        return _deleted(one)
    rule = _BY_WHO.get(one.who)
    return "not-recipient" if rule is None else rule(one)


def _customer(one: Case) -> str | None:
    if one.action == READ:
        return None if one.clause == "own" and one.code.kept(one.name) else "wrong-clause"
    if one.source not in {None, "told"}:
        return "wrong-source"
    return _written(one)


def _operator(one: Case) -> str | None:
    if one.action == READ:
        return "no-clause"
    if one.action == WRITE and _is_restricted(one):
        return "restricted"
    return _written(one)


def _written(one: Case) -> str | None:
    """Judge a write by field and source alone."""
    right = APPEND if one.name.startswith(INTERACTION) else WRITE
    if one.clause != f"field/{one.name}" or one.action != right:
        return "wrong-clause"
    if one.code.kept(one.name) is None:
        return "unknown-field"
    if one.source == "inferred" and one.view.standing.terms.get("no_profiling"):
        return "no-profiling"
    if one.source == "inferred" and one.name in one.view.standing.names("contested"):
        return "contested"
    if one.source is not None and one.source not in one.code.sources(one.name):
        return "wrong-source"
    return None


def _vault(one: Case) -> str | None:
    if one.action != READ:
        return "no-clause"
    held = _is_held(one)
    if one.clause == "hold":
        return None if held else "not-held"
    found = one.code.kept(one.name)
    if found is None:
        return "unknown-field"
    identifies = found.get("identifies")
    if one.clause in {"notice", "erasure"}:
        right = identifies is not None and (one.clause == "notice") == (identifies == "email")
        return None if right else "wrong-clause"
    clause = one.code.purpose(one.clause) or {}
    keeps = clause.get("keep") and one.name in {use["name"] for use in clause["uses"]}
    return None if keeps else "no-clause"


def _deleted(one: Case) -> str | None:
    """Judge what the vault deleted: what is over, what the code dropped, what it worked out."""
    if "asked" in one.said or "sources" in one.said:
        return "no-clause"  # it deletes; it decides on nothing and writes nothing
    if one.clause not in {f"field/{one.name}", f"dropped/{one.name}", f"trait/{one.name}"}:
        return "wrong-clause"
    if one.code.kept(one.name) is None:
        return "unknown-field"
    if _is_restricted(one):
        return "restricted"
    return "held" if _is_held(one) else None


def _is_restricted(one: Case) -> bool:
    standing = one.view.standing
    return standing.restricted or one.name in standing.names("restricted_fields")


def _is_held(one: Case) -> bool:
    """Say whether a legal hold keeps a name: `<id> <until ms> <ground> <names or *>`."""
    for line in one.view.standing.terms.get("holds", ()):
        _, until, _, names = line.split(" ")
        if int(until) > one.when.at and (names == "*" or one.name in names.split(",")):
            return True
    return False


def _by_customer(one: Case) -> str | None:
    return None if one.who == "customer" else "not-recipient"


def _by_anybody(one: Case) -> str | None:
    return None if one.who in {"customer", "operator", "staff", "vault"} else "not-recipient"


def _by_staff(one: Case) -> str | None:
    if one.who == "operator":
        return None
    return None if one.who == "staff" and _roles(one) & REQUESTS else "not-recipient"


def _by_follower(one: Case) -> str | None:
    return None if one.who == "staff" and _roles(one) & FOLLOWERS else "not-recipient"


def _by_checker(one: Case) -> str | None:
    if one.who == "operator":
        return None
    return None if one.who == "staff" and CHECKER in _roles(one) else "not-recipient"


def _audit(one: Case) -> str | None:
    if not str(one.said["purpose"]).startswith("audit."):
        return "wrong-clause"
    return None if one.who == "staff" and CHECKER in _roles(one) else "not-recipient"


def _roles(one: Case) -> frozenset[str]:
    return one.system.roles(one.said["actor"].partition(":")[2], one.when)


_Rule = Callable[[Case], str | None]
SPECIAL: Final[Mapping[tuple[int, str, str], _Rule]] = {
    (OWN_LOOK, "request", "own"): _by_customer,
    (STAFF_LOOK, "request", "request"): _by_staff,
    (WRITTEN, "request", "own"): _by_customer,
    (WRITTEN, "request", "request"): _by_anybody,
    (WRITTEN, "follow-up", "own"): _by_customer,
    (WRITTEN, "follow-up", "follow-up"): _by_follower,
    (STAFF_LOOK, "audit", "audit"): _audit,
    (STAFF_LOOK, "hold", "hold"): _by_checker,
    (EXPORT, "audit", "own"): _by_customer,  # the key of their own list
}
_BY_WHO: Final[Mapping[str, _Rule]] = {
    "customer": _customer,
    "operator": _operator,
    "vault": _vault,
}
