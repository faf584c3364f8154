"""Write the operational log: one JSON object a line on stderr, and only members that are named here.

The list is what keeps personal data out: a member that nobody thought of is dropped, and said to
be. The log of the server that carries us is off but for its errors.
Source: security note, 9; ecosystem note, 8.
"""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any, Final

import structlog

# Names of events, parts and counts; never an id of a customer, a value, a path or a query.
ALLOWED: Final = frozenset(
    {
        "app",
        "code",
        "count",
        "detail",
        "error",
        "event",
        "field",
        "gate",
        "index",
        "kind",
        "level",
        "log",
        "log_writer",
        "missing",
        "purpose",
        "request",
        "seq",
        "timestamp",
        "tries",
        "version",
        "writer",
    }
)
Event = MutableMapping[str, Any]


def configure(*, level: int = logging.WARNING) -> None:
    """Set up the log of this process."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            keep_allowed,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )


def keep_allowed(_logger: object, _method: str, event: Event) -> Event:
    """Drop every member that is not on the list, and say that something was dropped."""
    kept = {name: value for name, value in event.items() if name in ALLOWED}
    if len(kept) < len(event):
        kept["dropped"] = len(event) - len(kept)
    return kept
