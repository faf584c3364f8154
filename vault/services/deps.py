"""Hold what every use case is handed: built once by `vault/wiring.py`, never looked up elsewhere."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from vault.core.ids import DeploymentId, LogId
from vault.core.place import log_of, origin
from vault.services.app_use import Uses
from vault.services.budget import Budgets
from vault.services.log_trees import Trees

if TYPE_CHECKING:
    from pathlib import Path

    from vault.services.appender import Appender
    from vault.services.codes import Codes
    from vault.services.keys import KeyRing
    from vault.services.load_gate import LoadGate
    from vault.store.engine import Database

MAIN_LOG = LogId(0)  # what `ownship init` opens


class Clock(Protocol):
    """Tell the time; the only clock that a use case may read."""

    def now(self) -> datetime:
        """Return the current time, aware, UTC."""


@dataclass(frozen=True, slots=True)
class Deps:
    """Everything that a use case may touch."""

    database: "Database"
    clock: Clock
    deployment: DeploymentId
    issuer: str  # public origin, no trailing slash
    log_id: LogId  # the log that entries go to
    origin: str  # its origin: issuer without scheme + "/log", and the number of a later one
    keys: "KeyRing"
    codes: "Codes"
    appender: "Appender"
    loads: "LoadGate"
    mail_to: str  # `smtp://…` or `file:FOLDER`
    mail_from: str
    home: "Path"
    dpop_nonce: bool  # whether proofs must carry a server nonce
    leave_to: str = "https://example.org"  # where *Leave now* leads
    card_range: str = "9"  # digits that the numbers of new loyalty cards begin with
    hot_route: bool = True  # whether reads of one profile take the short way through the framework
    erasures: "Path | None" = None  # the journal of erasures; None: in the home
    mirror: "Path | None" = None  # the log outside of the database; None: in the home
    budgets: Budgets = field(default_factory=Budgets)  # what this process took of the apps' days
    uses: Uses = field(default_factory=Uses)  # what apps asked for, not written yet
    trees: Trees = field(default_factory=Trees)  # tiles of the log that lead to a signed root

    def origin_of(self, log_id: int) -> str:
        """Return the origin of a log, under which its entries are sealed."""
        return origin(self.issuer, log_id)

    def origin_at(self, place: int) -> str:
        """Return the origin of the log of a place."""
        return origin(self.issuer, log_of(place))
