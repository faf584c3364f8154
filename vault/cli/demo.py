"""Show the vault with sample customers: make it, serve it, and let a sample app ask.

The home is kept, so that a second run goes on with what the first one made.
Source: DESIGN 4; INTERFACES, ownship demo.
"""

import os
import signal
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import typer

from vault.cli.outcome import NOT_READY, PARTLY, fail, told

if TYPE_CHECKING:
    from vault.cli.demo_vault import Registered
    from vault.cli.sample_app import Reply
    from vault.settings import Settings


def register(cli: typer.Typer) -> None:
    """Add the command."""
    cli.command(epilog="Example: ownship demo --check")(demo)


def demo(
    check: Annotated[
        bool, typer.Option("--check", help="Take every step in a temporary home, and say how.")
    ] = False,
) -> None:
    """Show the vault with 1,000 sample customers on this machine."""
    if check:
        from vault.cli.demo_check import run

        raise typer.Exit(0 if run() else PARTLY)
    with told():
        _demo()


def _demo() -> None:
    import asyncio

    from vault.cli.child import is_free, serving
    from vault.cli.logs import configure
    from vault.cli.opening import settings
    from vault.cli.serve import port_of
    from vault.settings import PREFIX, is_loopback

    configure()
    given = settings()
    port = port_of(given)
    if not is_loopback(urlsplit(given.issuer).hostname or ""):
        fail("The demonstration is for a loopback issuer. Unset OWNSHIP_ISSUER.", NOT_READY)
    if not is_free(port):
        fail(
            f"Port {port} is in use. Stop what listens there, or set OWNSHIP_ISSUER to "
            "http://localhost:PORT and OWNSHIP_HOME to another folder.",
            NOT_READY,
        )
    prepared = asyncio.run(_prepare(given))
    env = {name: value for name, value in os.environ.items() if name.startswith(PREFIX)}
    from vault.cli.child import environment

    with serving(environment(env), port=port) as server:
        _show(given, prepared)
        _wait(server)


@dataclass(frozen=True, slots=True)
class _Prepared:
    """What the demonstration shows once it serves."""

    registered: "Registered"
    link: str  # signs the sample customer in, once
    customer: str  # her id in the loyalty app
    staff: tuple[tuple[str, str], ...]  # role and link of each sample member


async def _prepare(given: "Settings") -> _Prepared:
    from vault.cli import demo_staff, demo_vault
    from vault.cli.importing import summary
    from vault.cli.installation import install
    from vault.cli.opening import vault
    from vault.services import app, sign_in

    made = (await install(given)).made
    print(f"Vault in {given.home.absolute()}: {'made' if made else 'there already'}", flush=True)
    async with vault(given) as deps:
        published = await demo_vault.publish(deps)
        print(f"Code of ethics: {published.rulebook.version}", flush=True)
        done = await demo_vault.import_samples(deps, given.home)
        for name, one in done.items():
            said = summary(one, events=name != "customers")
            print(f"Sample {name}: {said}", flush=True)
        registered = await demo_vault.register(deps, given.home)
        print(f"Sample apps: {', '.join(registered.keys)}; keys in {given.home / 'apps'}")
        ana = await demo_vault.find(deps, demo_vault.ANA)
        members = await demo_staff.enrol(deps)
        return _Prepared(
            registered=registered,
            link=await sign_in.demo_link(deps, ana),
            customer=await app.pairwise(deps, "loyalty", ana),
            staff=tuple(
                [(role.value, await demo_staff.link(deps, one)) for role, one in members.items()]
            ),
        )


def _show(given: "Settings", prepared: _Prepared) -> None:
    from vault.cli.caller import Caller
    from vault.cli.demo_story import APP, FIFTH, FOUR, PURPOSE
    from vault.cli.demo_vault import ANA
    from vault.cli.sample_app import SampleApp

    asked = (*FOUR, FIFTH)

    with Caller(given.issuer) as caller:
        loyalty = SampleApp(caller, APP, prepared.registered.keys[APP])
        loyalty.authorize(PURPOSE, asked)
        reply = loyalty.read(prepared.customer, PURPOSE)
    print(f"\nThe app “loyalty” asked for {len(asked)} fields of {ANA}, for {PURPOSE}:")
    for text in told_of(reply):
        print(f"  {text}")
    print(
        f"\nPortal:                   {given.issuer}\n"
        f"Sign in as {ANA}: {prepared.link}\n"
        f"Or type that address at   {given.issuer}/sign-in; the mail is in {given.home / 'mail'}\n"
        f"Code of ethics:           {given.issuer}/code\n\n"
        f"Console:                  {given.issuer}/console\n"
        + "".join(f"Sign in as {role + ':':15}{link}\n" for role, link in prepared.staff)
        + "\n"
        "Stop with Ctrl-C. Start again with the same command; nothing is lost.",
        flush=True,
    )


def told_of(reply: "Reply") -> list[str]:
    """Return what an app was given and refused, a line each."""
    if reply.status != 200:
        return [f"answer {reply.status}: {reply.body.get('title', '')}"]
    given = [
        f"given     {name} = {one['value']!r}" for name, one in sorted(reply.body["fields"].items())
    ]
    withheld = [f"withheld  {one['field']}: {one['reason']}" for one in reply.body["withheld"]]
    return given + withheld


def _wait(server: "subprocess.Popen[bytes]") -> None:
    """Wait for the server's end, or for Ctrl-C and SIGTERM, which end it."""

    def stop(_number: int, _frame: object) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, stop)
    try:
        server.wait()
    except KeyboardInterrupt:
        print("\nStopping.")
        raise typer.Exit(0) from None
    fail("The server ended by itself. The lines above say why.", NOT_READY)
