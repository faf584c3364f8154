"""Say in which language the vault writes to a customer: letters, packages.

The one they chose, where the code of ethics and our own texts have it; else the code's first one
that our texts have; else English. A text that is missing in a language fails a test and never
falls back, so nothing is in two languages.
Source: portal note, 12.
"""

from collections.abc import Collection
from pathlib import Path
from typing import Final

from policies.model import Rulebook
from vault.core.ids import CustomerId
from vault.store import portal_choice
from vault.store.engine import Conn


def folders(place: Path) -> frozenset[str]:
    """Return the languages that texts stand in: the names of their folders, BCP 47."""
    return frozenset(one.name for one in place.iterdir() if one.is_dir() and one.name[0] != "_")


LETTERS: Final = folders(Path(__file__).parent / "mail_texts")
PACKAGES: Final = folders(Path(__file__).parent / "export_texts")


def spoken(rulebook: Rulebook, wish: str, has: Collection[str]) -> str:
    """Return the language to write in.

    Args:
        rulebook: the code of ethics in force.
        wish: BCP 47; "" for none.
        has: `LETTERS` or `PACKAGES`.
    """
    written = [one for one in rulebook.code.languages if one in has]
    if wish in written:
        return wish
    return written[0] if written else "en"


async def chosen(conn: Conn, customer: CustomerId) -> str:
    """Return the language that a customer chose; "" until they choose."""
    row = await portal_choice.load(conn, customer)
    return (row.lang if row else None) or ""
