"""Look at an installation: each setting and where it comes from, then what works and what does not.

A secret is shown as `set`. What is not right is said with what to do; what is right costs one word.
Source: ecosystem note, 6; DESIGN 4.
"""

from typing import TYPE_CHECKING, Final

import typer

from vault.cli.opening import run, settings
from vault.cli.outcome import PARTLY, fail, told
from vault.cli.table import write

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vault.settings import Settings

URLS: Final = frozenset({"database_url", "owner_database_url", "leader_database_url"})


def register(cli: typer.Typer) -> None:
    """Add the command."""
    cli.command(epilog="Example: ownship doctor")(doctor)


def doctor() -> None:
    """Show the settings with their origin, and check keys, clock, database, log, mail and disk."""
    import os

    from vault.cli.doctor_checks import check_all

    with told():
        given = settings()
    write(("setting", "value", "from"), rows(given, os.environ))
    print()
    results = run(lambda: check_all(given))
    state = {True: "BAD", False: "ok"}
    write(
        ("check", "state", "what to know"),
        [(name, state[found.bad], found.text) for name, found in results],
    )
    bad = [name for name, found in results if found.bad]
    if bad:
        fail(f"{len(bad)} of {len(results)} checks failed: {', '.join(bad)}", PARTLY)


def rows(given: "Settings", environment: "Mapping[str, str]") -> list[tuple[str, str, str]]:
    """Return each setting: its variable, its value or `set`, and where that comes from."""
    from vault.settings import PREFIX

    found = []
    for name in type(given).model_fields:
        variable = PREFIX + name.upper()
        origin = next(
            (one for one in (variable, f"{variable}_FILE") if one in environment), "default"
        )
        found.append((variable, _shown(given, name), origin))
    return found


def _shown(given: "Settings", name: str) -> str:
    value = getattr(given, name)
    if name in URLS:
        return "set" if value else _followed(name)
    if name == "home":
        return str(given.home.absolute())
    if name == "keys":
        return given.key_provider
    if name == "erasures":
        from vault.services.erasure_journal import NAME

        return str((given.erasures or given.home / NAME).absolute())
    if name == "mail":
        # The address of a mail server may hold a password.
        return "set" if "@" in given.mail_transport else given.mail_transport
    return str(value)


def _followed(name: str) -> str:
    return "SQLite in the home" if name == "database_url" else "OWNSHIP_DATABASE_URL"
