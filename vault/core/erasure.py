"""Say what an erasure leaves, by which law and until when, and lay out its certificate.

What goes is everything else: nobody has to list it. The rules are the code of ethics' own: a
purpose that a law demands and that says `keep` keeps what it uses for so long after the erasure.
The certificate names keys, days, laws and names of the code, and no personal data.
Source: GDPR 17(3)(b); crypto note, 10; docs/formats.md, erasures.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from policies.durations import Duration
from policies.model import Rulebook
from policies.names import COOLING_OFF
from vault.core import canonical

TYP: Final = "ownship-erasure+jws"
MAX_BYTES: Final = 65_536  # of a certificate


@dataclass(frozen=True, slots=True)
class Kept:
    """What one purpose keeps."""

    purpose: str
    law: str
    names: tuple[str, ...]  # fields and interaction.KIND, in the code's order
    until: datetime  # exclusive


def kept(rulebook: Rulebook, *, at: datetime) -> tuple[Kept, ...]:
    """Return what stays of a customer who is erased at a moment, in the code's order."""
    found = []
    for purpose in rulebook.keeping():
        lasts = Duration.parse(purpose.keep or "")
        if lasts is None:  # the compiler lets no such code pass
            continue
        found.append(
            Kept(
                purpose=purpose.id,
                law=(purpose.law or purpose.label).get("en"),
                names=tuple(dict.fromkeys(use.name for use in purpose.uses)),
                until=lasts.after(at),
            )
        )
    return tuple(found)


def keeper(laws: Iterable[Kept], name: str) -> Kept | None:
    """Return what keeps a name the longest; None for a name that goes."""
    return max((one for one in laws if name in one.names), key=lambda one: one.until, default=None)


def cooling_off(rulebook: Rulebook, *, asked: datetime) -> datetime:
    """Return the moment at which an erasure asked for can no longer be taken back."""
    lasts = Duration.parse(rulebook.code.cooling_off or COOLING_OFF)
    return asked if lasts is None else lasts.after(asked)


@dataclass(frozen=True, slots=True)
class Erasure:
    """One erasure, as its certificate tells it."""

    issuer: str
    erasure_id: UUID
    at: datetime
    keys: tuple[UUID, ...]  # that died
    kept: tuple[Kept, ...]  # what was there to keep
    backups: datetime  # after it no backup opens anything
    code: str  # SHA-256 in hex of the code of ethics in force


def certificate(one: Erasure) -> bytes:
    """Return the canonical JSON that is signed."""
    return canonical.dumps(
        {
            "v": 1,
            "issuer": one.issuer,
            "erasure": str(one.erasure_id),
            "erased_at": _iso(one.at),
            "keys": sorted(str(key) for key in one.keys),
            "kept": [_kept(each) for each in one.kept],
            "backups_until": _iso(one.backups),
            "code": f"sha256:{one.code}",
        }
    )


def read_certificate(payload: bytes) -> Erasure:
    """Read what `certificate` wrote.

    Precondition: the signature is ours.
    """
    said = canonical.loads(payload)
    return Erasure(
        issuer=said["issuer"],
        erasure_id=UUID(said["erasure"]),
        at=datetime.fromisoformat(said["erased_at"]),
        keys=tuple(UUID(key) for key in said["keys"]),
        kept=tuple(
            Kept(
                purpose=each["purpose"],
                law=each["law"],
                names=tuple(each["names"]),
                until=datetime.fromisoformat(each["until"]),
            )
            for each in said["kept"]
        ),
        backups=datetime.fromisoformat(said["backups_until"]),
        code=said["code"].removeprefix("sha256:"),
    )


def of_names(laws: Sequence[Kept], names: frozenset[str]) -> tuple[Kept, ...]:
    """Return what is kept of the names that had something, each under its longest law."""
    found = []
    for law in laws:
        mine = tuple(name for name in law.names if name in names and keeper(laws, name) is law)
        if mine:
            found.append(Kept(law.purpose, law.law, mine, law.until))
    return tuple(found)


def _kept(one: Kept) -> dict[str, object]:
    return {
        "purpose": one.purpose,
        "law": one.law,
        "names": list(one.names),
        "until": _iso(one.until),
    }


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")
