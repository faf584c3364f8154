"""Serve the vault by HTTP, and run its background work alone.

One process serves; more of them are replicas, not workers. The server's own limits close half-open
and silent connections, which no application can see.
Source: security note, 6, slow clients; INTERFACES, ownship serve and jobs.
"""

from typing import TYPE_CHECKING, Annotated, Final
from urllib.parse import urlsplit

import typer

from vault.cli.opening import run, settings
from vault.cli.outcome import INTERRUPTED, NOT_READY, fail, told

if TYPE_CHECKING:
    from signal import Signals

    from vault.settings import Settings

HEADER_MS: Final = 10_000  # for request line and headers together
HEADER_BYTES: Final = 8_192
# Above every limit of open files: it counts half-open connections too, and a lower one starves
# the probes.
BACKPRESSURE: Final = 65_536
FINISH_SECONDS: Final = 20  # for requests under way at SIGTERM


def register(cli: typer.Typer) -> None:
    """Add the commands."""
    cli.command(epilog="Example: ownship serve --port 8000")(serve)
    cli.command(epilog="Example: ownship jobs")(jobs)


def port_of(given: "Settings") -> int:
    """Return the port to serve on: a loopback issuer's own, else 8000, with a proxy before it."""
    from vault.settings import is_loopback

    parts = urlsplit(given.issuer)
    return parts.port or 8000 if is_loopback(parts.hostname or "") else 8000


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="Port; default: the issuer's, or 8000.")
    ] = None,
) -> None:
    """Serve portal and API, with integration and jobs, until told to stop."""
    with told():
        given = settings()
    run(lambda: _check(given))
    with told():
        _serve(host, port or port_of(given))


def jobs() -> None:
    """Run integration and jobs without HTTP, until told to stop; leases pick who does what."""
    from signal import SIGINT

    if run(_jobs) is SIGINT:
        raise typer.Exit(INTERRUPTED)


async def _check(given: "Settings") -> None:
    """Refuse to start on a vault that is none, is another release's, or has another issuer."""
    from vault.core.errors import NotReadyError, RefusedError
    from vault.services.installation import check_issuer, installed
    from vault.store.engine import open_database
    from vault.store.migrate import at_head

    database = open_database(given.database)
    try:
        async with database.connect() as conn:
            if not await at_head(conn):
                raise NotReadyError(
                    "The database is not at this release. Run `ownship migrate`, "
                    "or `ownship init` for a new vault."
                )
        check_issuer(await installed(database), given.issuer)
    except RefusedError as error:
        fail(f"{error.code}: {error.detail}", NOT_READY)
    finally:
        await database.dispose()


def _serve(host: str, port: int) -> None:
    from granian.constants import HTTPModes, Interfaces
    from granian.http import HTTP1Settings
    from granian.log import LogLevels
    from granian.server import Server

    server = Server(
        "vault.cli.worker:app",
        address=host,
        port=port,
        interface=Interfaces.ASGI,
        http=HTTPModes.http1,  # HTTP/2 would take headers of 16 MB
        http1_settings=HTTP1Settings(header_read_timeout=HEADER_MS, max_buffer_size=HEADER_BYTES),
        websockets=False,
        backpressure=BACKPRESSURE,
        workers=1,
        workers_kill_timeout=FINISH_SECONDS,
        log_level=LogLevels.error,
        log_access=False,  # it would hold paths
    )
    try:
        _check_port(host, port)
        server.serve()
    except OSError:
        fail(f"Port {port} of {host} cannot be listened on. Choose another by --port.", NOT_READY)
    except SystemExit:
        fail("The server ended by itself. The lines above say why.", NOT_READY)


def _check_port(host: str, port: int) -> None:
    """Find out whether the port is free: the server shares a port with another one of its kind.

    Raises:
        OSError: it is not, or the address is not this machine's.
    """
    import socket

    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a port just left is free
        probe.bind((host, port))


async def _jobs() -> "Signals":
    from vault.core.errors import RefusedError
    from vault.jobs import run as work

    try:
        return await work(settings())
    except RefusedError as error:  # another issuer
        fail(f"{error.code}: {error.detail}", NOT_READY)
