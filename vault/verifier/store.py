"""Hold what a vault's tables say against its log: values, consents, standing rows and facts.

1. every value that is stored is the one of the newest entry that wrote it;
2. the current consents are the last changes of each purpose, and so is the standing row;
3. the facts beside an entry, with their salt, give the hash that the entry has.

It works on digests and states; no value is in the export. What was deleted and stands in no table
leaves nothing to compare.
Source: access-log note, 10, "with the store"; docs/formats.md, export for a replay.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from vault.verifier import payload, strict_json
from vault.verifier.errors import BadError, CannotTellError
from vault.verifier.logkey import EntryKeys
from vault.verifier.progress import Progress
from vault.verifier.replay_folder import Exported
from vault.verifier.replay_person import CHANGES, CONSENTS, STANDINGS, WRITTEN

MOST: Final = 20  # faults that are named

_FACTS: Final = slice(78, 110)
_FRESH: Final[Mapping[str, Any]] = {"epoch": 0, "flags": 0, "objections": [], "terms": {}}


@dataclass(slots=True)
class Compared:
    """What was compared."""

    customers: int = 0
    values: int = 0
    consents: int = 0
    facts: int = 0
    untold: int = 0  # standing rows whose last change does not say what stood


def check(exported: Exported) -> Compared:
    """Compare an export with its log.

    Raises:
        BadError: naming the first things that differ.
        CannotTellError: the folder has no `store.ndjson` or `facts.ndjson`.
    """
    compared = Compared()
    faults: list[str] = []
    owners, keys = exported.owners(), exported.entry_keys()
    with Progress("Comparing", len(keys)) as shown:
        for line in exported.lines("store.ndjson"):
            said = _object(line)
            number = said["key"]
            if not isinstance(number, int) or not 0 < number < len(keys):
                raise CannotTellError("store.ndjson names a key that keys.ndjson does not have.")
            faults += _customer(exported, compared, said, keys[number], owners.get(number, []))
            shown.at(number)
    faults += _facts(exported, compared)
    if faults:
        more = f" And {len(faults) - MOST} more." if len(faults) > MOST else ""
        raise BadError(" ".join(faults[:MOST]) + more)
    return compared


@dataclass(slots=True)
class _Told:
    """What a person's entries come to."""

    values: dict[str, tuple[int, frozenset[str]]]  # value id -> newest time, digests of that time
    consents: dict[str, tuple[int, list[Any]]]  # purpose -> epoch, what it says
    standing: tuple[int, Mapping[str, Any] | None]  # epoch; None: it does not say
    epoch: int = 0


def _customer(
    exported: Exported,
    compared: Compared,
    said: Mapping[str, Any],
    keys: EntryKeys,
    indexes: list[int],
) -> Iterator[str]:
    told = _told(exported, keys, indexes)
    who = f"the customer of key {said['key']}"
    compared.customers += 1
    for field, value_id, digest in said["values"]:
        compared.values += 1
        if digest not in told.values.get(value_id, (0, frozenset()))[1]:
            yield f"The stored {field} of {who} is not what its newest entry wrote."
    stored = {one[0]: one for one in said["consents"]}
    for purpose in sorted(stored.keys() | told.consents.keys()):
        compared.consents += 1
        last = told.consents.get(purpose, (0, None))[1]
        if stored.get(purpose) != last:
            yield f"The consent of {who} to {purpose} is not their last change."
    standing = said["standing"]
    last_row = told.standing[1]
    if standing.get("epoch") != told.epoch:
        yield f"The standing row of {who} is not of their last change."
    elif last_row is None:
        compared.untold += 1
    elif {name: standing[name] for name in ("flags", "objections", "terms")} != dict(last_row):
        yield f"The standing row of {who} does not say what their last change left."


def _told(exported: Exported, keys: EntryKeys, indexes: list[int]) -> _Told:
    fresh = {name: _FRESH[name] for name in ("flags", "objections", "terms")}
    told = _Told({}, {}, (0, fresh))
    for index in indexes:
        data = exported.entry(index)
        found = payload.kind_and_epoch(keys.tag, data)
        if found is None or keys.seal is None:
            continue
        kind, epoch = found
        if kind != WRITTEN and kind not in CHANGES:
            continue
        said: Mapping[str, Any] = payload.open_(keys.seal, data, exported.origin)
        if kind == WRITTEN:
            _written(told, said, int.from_bytes(data[8:16]))
            continue
        told.epoch = max(told.epoch, epoch)
        if kind in CONSENTS:
            one = said["consent"]
            last = told.consents.get(one["purpose"], (0, None))[0]
            if epoch > last:
                row = [one["purpose"], one["state"], one["fields"], one["from"], one["until"]]
                told.consents[one["purpose"]] = (epoch, row)
        if kind in STANDINGS and epoch > told.standing[0]:
            told.standing = (epoch, said.get("standing"))
    return told


def _written(told: _Told, said: Mapping[str, Any], at: int) -> None:
    if "sources" not in said and said["actor"] == "vault":
        return  # a deletion names what went
    for value_id, digest in said.get("values", ()):
        newest, digests = told.values.get(value_id, (0, frozenset()))
        if at > newest:
            told.values[value_id] = (at, frozenset({digest}))
        elif at == newest:  # two of one moment: either may be the newer one
            told.values[value_id] = (at, digests | {digest})


def _facts(exported: Exported, compared: Compared) -> Iterator[str]:
    for line in exported.lines("facts.ndjson"):
        said = _object(line)
        index = said["index"]
        if not isinstance(index, int) or not 0 <= index < exported.checkpoint.size:
            raise CannotTellError("facts.ndjson names an entry that the log does not have.")
        compared.facts += 1
        counts = {name: [None] * said[name] for name in ("allowed", "withheld")}
        if payload.facts({**said, **counts}) != exported.entry(index)[_FACTS]:
            yield f"The facts beside entry {index} are not those of the entry."
    if compared.facts != exported.customers:
        yield (
            f"There are facts beside {compared.facts} entries, and {exported.customers} entries "
            "have some."
        )


def _object(line: bytes) -> Mapping[str, Any]:
    said = strict_json.read(line)
    if not isinstance(said, dict):
        raise CannotTellError("A line of the export is no JSON object.")
    return said
