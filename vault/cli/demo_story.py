"""Tell the main job as steps: an operator, an app and a customer, each from outside.

A real server with a home and a port of its own. A step returns what it saw, or raises `StepError`
with what was not as it must be.
Source: issue of the one path, shown by; INTERFACES, ownship demo --check.
"""

import asyncio
import json
import subprocess
import sys
from collections.abc import Awaitable, Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from vault.cli import child, demo_vault
from vault.cli.caller import Caller
from vault.cli.demo_vault import ANA, Registered
from vault.cli.installation import install
from vault.cli.opening import vault
from vault.cli.sample_app import Reply, SampleApp
from vault.cli.sample_customer import SampleCustomer, StepError
from vault.services import app
from vault.settings import read

if TYPE_CHECKING:
    from vault.services.deps import Deps
    from vault.services.import_done import Progress

Step = tuple[str, Callable[[], str]]
T = TypeVar("T")
PURPOSE: Final = "loyalty.rewards"
APP: Final = "loyalty"
FOUR: Final = ("contact.full_name", "contact.email", "loyalty.card", "loyalty.points")
FIFTH: Final = "contact.birth_date"  # what the customer did not consent to
NEW: Final = "beside@example.org"


class Story:
    """One run; the steps are taken in their order, each once."""

    def __init__(self, home: Path, stack: ExitStack) -> None:
        """Begin with nothing; the stack closes what the steps open."""
        self.home = home
        self.port = child.free_port()
        self.issuer = f"http://localhost:{self.port}"
        self.env = {"OWNSHIP_HOME": str(home), "OWNSHIP_ISSUER": self.issuer}
        self._stack = stack
        self._registered = Registered({})
        self._customer = ""  # the app's own id of her
        self._batch: list[str] = []
        self._look: Reply | None = None
        self._receipt = ""  # path

    def steps(self) -> list[Step]:
        """Return the steps with their names."""
        return [
            ("init", self.init),
            ("publish", self.publish),
            ("import", self.import_),
            ("import again", self.import_again),
            ("apps", self.register),
            ("server", self.serve),
            ("token", self.authorize),
            ("read", self.read_four),
            ("entry receipt", self.verify_entry_receipt),
            ("batch", self.read_many),
            ("unknown customer", self.read_nobody),
            ("sign-in", self.sign_in),
            ("who looked", self.see_the_look),
            ("consent", self.give),
            ("consent receipt", self.verify_receipt),
            ("read more", self.read_five),
            ("withdrawal", self.withdraw),
            ("read no more", self.read_nothing),
            ("beside the server", self.command_beside),
        ]

    def init(self) -> str:
        """Make the vault."""
        made = asyncio.run(install(read(self.env)))
        mode = (self.home / "keys" / "ring.json").stat().st_mode & 0o777
        expect(made.made and mode == 0o600, f"the key ring has mode {mode:o}")
        return "keys, database and log"

    def publish(self) -> str:
        """Publish the sample code of ethics."""
        done = self.in_vault(demo_vault.publish)
        return f"version {done.rulebook.version}, {len(done.rulebook.code.purposes)} purposes"

    def import_(self) -> str:
        """Import the sample customers."""
        done = self._import()
        made, orders, reviews = done["customers"], done["orders"], done["reviews"]
        expect(made.added == 1_000 and not made.refused, f"{made.added} added")
        expect(not orders.refused and not reviews.refused, "orders or reviews were refused")
        return (
            f"{made.added:,} customers, {made.consents:,} consents, "
            f"{orders.events_added:,} orders, {reviews.events_added:,} reviews"
        )

    def import_again(self) -> str:
        """Import them again, which changes nothing."""
        done = self._import().values()
        changed = sum(one.rows - one.unchanged for one in done)
        expect(changed == 0, f"{changed} rows changed something")
        return "nothing changed"

    def register(self) -> str:
        """Register the sample apps, and learn the loyalty app's ids of some customers."""

        async def work(deps: "Deps") -> None:
            self._registered = await demo_vault.register(deps, self.home)
            ana = await demo_vault.find(deps, ANA)
            self._customer = await app.pairwise(deps, APP, ana)
            addresses = demo_vault.addresses(50)
            found = [await demo_vault.find(deps, address) for address in addresses]
            self._batch = [await app.pairwise(deps, APP, customer) for customer in found]

        self.in_vault(work)
        return ", ".join(self._registered.keys)

    def serve(self) -> str:
        """Start the server, and meet it as an app and as a browser."""
        environment = child.environment(self.env)
        self._stack.enter_context(child.serving(environment, port=self.port))
        machine = self._stack.enter_context(Caller(self.issuer))
        self._app = SampleApp(machine, APP, self._registered.keys[APP])
        self._browser = self._stack.enter_context(Caller(self.issuer))
        self.ana = SampleCustomer(self._browser, mail=self.home / "mail")
        return f"ready at {self.issuer}"

    def authorize(self) -> str:
        """Get a token for all that the app may ever read."""
        reply = self._app.authorize(PURPOSE, (*FOUR, FIFTH))
        expect(reply.status == 200, f"the token endpoint answered {reply.status}")
        return f"for {reply.body['expires_in']} s, bound to the app's key"

    def read_four(self) -> str:
        """Read four fields, and be told what was withheld and why."""
        reply = self._read()
        withheld = {one["field"]: one["reason"] for one in reply.body["withheld"]}
        expect(set(reply.body["fields"]) == set(FOUR), "other fields than the consented ones")
        expect(withheld == {FIFTH: "no-basis"}, f"withheld was {withheld}")
        self._look = reply
        return f"{len(FOUR)} fields given, {FIFTH} withheld: no-basis"

    def verify_entry_receipt(self) -> str:
        """Check the receipt of the look with the independent checker."""
        keys = self._json("/log/keys")
        file = self.home / "entry-receipt"
        file.write_text(self._look.body["receipt"] if self._look else "", encoding="utf-8")
        key = next(one["verifier_key"] for one in keys["keys"] if one["use"] == "entry-receipts")
        return self._verify("entry-receipt", str(file), "--key", key, "--origin", keys["origin"])

    def read_many(self) -> str:
        """Read many customers at once; who has not consented is not available."""
        reply = self._app.read_many(self._batch, PURPOSE)
        expect(reply.status == 200, f"the batch answered {reply.status}")
        results = reply.body["results"]
        order = [one["customer"] for one in results]
        expect(order == self._batch, "the answers are not in the order asked")
        given = sum("fields" in one for one in results)
        expect(0 < given < len(results), f"{given} of {len(results)} were given")
        return f"{given} of {len(results)} customers have consented"

    def read_nobody(self) -> str:
        """Ask about nobody."""
        reply = self._app.read("A" * len(self._customer), PURPOSE)
        expect(_is_not_available(reply), f"the answer was {reply.status}")
        return "404 not-available"

    def sign_in(self) -> str:
        """Sign in by the code that is mailed."""
        self.ana.sign_in(ANA)
        return f"{ANA} by the six digits of the mail"

    def see_the_look(self) -> str:
        """See the app's look in the list."""
        page = self.ana.page("/who-looked")
        reference = self._look.request_id if self._look else ""
        expect(bool(reference) and reference in page, "the look is not in the list")
        return f"the look is there, reference {reference}"

    def give(self) -> str:
        """Allow the whole purpose, the fifth field included."""
        place = f"/privacy/{PURPOSE}"
        landed = self.ana.send(place, place, decision="give")
        path, _, query = landed.partition("?done=")
        expect(path == "/privacy" and len(query) == 36, f"the decision led to {landed}")
        self._receipt = f"/receipts/{query}.json"
        return f"receipt {query}"

    def verify_receipt(self) -> str:
        """Check the signed receipt with the independent checker."""
        file, keys = self.home / "receipt.json", self.home / "receipt-keys.json"
        file.write_bytes(self._browser.get(self._receipt).content)
        keys.write_bytes(self._browser.get("/.well-known/receipt-keys.json").content)
        return self._verify("receipt", str(file), "--keys", str(keys))

    def read_five(self) -> str:
        """Read the field that was withheld before, with the same token."""
        reply = self._read()
        expect(FIFTH in reply.body["fields"], f"{FIFTH} is still withheld")
        return f"{FIFTH} is given"

    def withdraw(self) -> str:
        """Stop the purpose, with one press on its card."""
        landed = self.ana.send("/privacy", f"/privacy/{PURPOSE}", decision="withdraw")
        expect(landed.startswith("/privacy?done="), f"the decision led to {landed}")
        return "stopped in the portal"

    def read_nothing(self) -> str:
        """Read again with the same token."""
        reply = self._app.read(self._customer, PURPOSE)
        expect(_is_not_available(reply), f"the answer was {reply.status}")
        return "404 not-available"

    def command_beside(self) -> str:
        """Run a command that writes while the server runs."""
        words = ["customer", "add", "--email", NEW, "--source", "told"]
        done = self._run(child.command(words))
        expect(done.returncode == 0, f"customer add ended with {done.returncode}")
        again = self._run(child.command(words))
        expect(again.returncode == 4, f"the address was taken twice: {again.returncode}")
        return "a customer was added; the same address again was refused"

    def authorize_again(self) -> Reply:
        """Ask for a token once more, for what the app asked before."""
        return self._app.authorize(PURPOSE, (*FOUR, FIFTH))

    def read_as_app(self) -> Reply:
        """Read once more as the app, with the token that it has."""
        return self._app.read(self._customer, PURPOSE)

    def app(self) -> tuple[SampleApp, str]:
        """Return the app in a session of its own, and its id of the customer."""
        caller = self._stack.enter_context(Caller(self.issuer))
        return SampleApp(caller, APP, self._registered.keys[APP]), self._customer

    def in_vault(self, work: Callable[["Deps"], Awaitable[T]]) -> T:
        """Do something in the vault itself, as a command on the host would."""

        async def opened() -> T:
            async with vault(read(self.env)) as deps:
                return await work(deps)

        return asyncio.run(opened())

    def _import(self) -> "dict[str, Progress]":
        return self.in_vault(lambda deps: demo_vault.import_samples(deps, self.home))

    def _read(self) -> Reply:
        reply = self._app.read(self._customer, PURPOSE)
        expect(reply.status == 200, f"the read answered {reply.status}")
        return reply

    def _json(self, path: str) -> Any:  # noqa: ANN401  whatever JSON holds
        answer = self._browser.get(path)
        expect(answer.status_code == 200, f"GET {path} answered {answer.status_code}")
        return json.loads(answer.content)

    def _verify(self, *words: str) -> str:
        done = self._run([sys.executable, "-m", "vault.verifier", *words])
        expect(done.returncode == 0, done.stderr.strip() or "the checker refused it")
        return done.stdout.partition("\n")[0]

    def run(self, *words: str) -> str:
        """Run a command beside the server; returns what it printed."""
        done = self._run(child.command(words))
        expect(done.returncode == 0, f"{' '.join(words)} ended with {done.returncode}")
        return done.stdout

    def _run(self, words: Sequence[str]) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(  # noqa: S603  our own command lines
            words,
            env=child.environment(self.env),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=child.START_SECONDS,
            check=False,
        )


def expect(held: bool, otherwise: str) -> None:
    """Go on only when something holds.

    Raises:
        StepError: with what was otherwise.
    """
    if not held:
        raise StepError(otherwise)


def _is_not_available(reply: Reply) -> bool:
    return reply.status == 404 and reply.body.get("type", "").endswith("/problems/not-available")
