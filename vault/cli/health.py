"""Ask a running server whether it can work, and look at an installation from the outside.

Source: ecosystem note, 6 and 8; INTERFACES, Commands.
"""

import http.client
from typing import Annotated

import typer

from vault.cli.opening import settings
from vault.cli.outcome import NOT_READY, fail, told

SECONDS = 4.0  # less than the container's own limit


def register(cli: typer.Typer) -> None:
    """Add the command."""
    cli.command(epilog="Example: ownship health")(health)


def health(
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="Port; default: the issuer's, or 8000.")
    ] = None,
) -> None:
    """Ask /readyz of the server on this machine; 0 when it is ready."""
    from vault.cli.serve import port_of

    with told():
        given = settings()
    connection = http.client.HTTPConnection("127.0.0.1", port or port_of(given), timeout=SECONDS)
    try:
        connection.request("GET", "/readyz")
        answer = connection.getresponse()
        text = answer.read(1_000).decode("utf-8", "replace")
    except OSError:
        fail("No server answers. Start one with `ownship serve`.", NOT_READY)
    finally:
        connection.close()
    if answer.status != 200:
        fail(f"Not ready: {text}", NOT_READY)
    print("ready")
