"""An app and a customer against a served vault, over real connections.

The app's keys and proofs are made without any code of the vault.
"""

import json
import re
import time
from email import message_from_bytes
from pathlib import Path
from typing import Any

import httpx2

from tests.api.oauth.party import Party
from tests.portal.person import forms
from tests.stories.served import Served
from tests.vaults import RunningClock

SAME = {"sec-fetch-site": "same-origin"}


class LiveClock(RunningClock):
    """The machine's clock, for tokens too."""

    @property
    def seconds(self) -> int:
        return int(time.time())


class App(Party):
    """A registered app of a served vault."""

    def __init__(self, served: Served, client_id: str, approved: list[dict[str, Any]]) -> None:
        super().__init__(LiveClock(), client_id)
        self.issuer = served.issuer
        self.approved = approved
        self.http = served.client()
        self.bearer = ""
        file = served.home / f"{client_id}.json"
        own = {"approved": approved, "review_by": "2099-01-01"}
        scope = (
            "profile.read profile.write customers.resolve interactions.read "
            "interactions.append consents.read"
        )
        file.write_bytes(self.metadata(scope=scope, own=own))
        self.scope = scope
        served.run("app", "add", str(file))

    def sign_in(self) -> None:
        """Get a token for all that the app is registered for."""
        answer = self._ask()
        if answer.status_code != 200:  # the first try fetches the nonce
            answer = self._ask()
        assert answer.status_code == 200, answer.text
        self.bearer = answer.json()["access_token"]

    def _ask(self) -> httpx2.Response:
        details = [{"type": "profile_access", **one} for one in self.approved]
        form = self.form(
            scope=self.scope,
            authorization_details=json.dumps(details),
            client_assertion=self.assertion(aud=self.issuer),
        )
        proof = self.proof(url=f"{self.issuer}/oauth/token")
        answer = self.http.post("/oauth/token", data=form, headers={"dpop": proof})
        self.keep("as", answer)
        return answer

    def request(self, method: str, path: str, body: Any = None) -> httpx2.Response:
        """Call the API with a fresh proof, as an honest app does."""
        answer = self._call(method, path, body)
        return self._call(method, path, body) if answer.status_code == 401 else answer

    def send(self, path: str, file: bytes, media: str) -> httpx2.Response:
        """Put a file, as an honest app does."""
        answer = self._call("PUT", path, file, media)
        return self._call("PUT", path, file, media) if answer.status_code == 401 else answer

    def _call(self, method: str, path: str, body: Any, media: str = "") -> httpx2.Response:
        proof = self.proof(method, self.issuer + path.partition("?")[0], token=self.bearer)
        headers = {"authorization": f"DPoP {self.bearer}", "dpop": proof}
        sent: dict[str, Any] = {"json": body}
        if media:
            headers["content-type"] = media
            sent = {"content": body}
        answer = self.http.request(method, path, headers=headers, **sent)
        self.keep("rs", answer)
        return answer


class Customer:
    """A customer with a browser, as far as HTTP goes."""

    def __init__(self, served: Served, email: str) -> None:
        self.mails = served.home / "mail"
        self.email = email
        self.http = served.client()

    def sign_in(self) -> None:
        known = set(self.mails.glob("*.eml"))
        sent = self.send("/sign-in", "/sign-in", ("email", self.email))
        assert sent.status_code == 303, sent.text
        mail = newest_mail(self.mails, known)
        code = re.search(rb"^(\d{6})\r?$", mail, re.MULTILINE)
        assert code, mail
        entered = self.send("/sign-in/code", "/sign-in/code", ("code", code[1].decode()))
        assert entered.headers.get("location") == "/home", entered.text

    def send(self, page: str, action: str, *fields: tuple[str, str]) -> httpx2.Response:
        """Send the form of a page, with its hidden inputs."""
        html = self.http.get(page).text
        pairs = [*forms(html)[action], *fields]
        return self.http.post(
            action,
            content=str(httpx2.QueryParams(pairs)),
            headers={"content-type": "application/x-www-form-urlencoded", **SAME},
        )


def newest_mail(folder: Path, known: set[Path]) -> bytes:
    """Return the text of the mail that comes next, waiting for it as a person would."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        new = set(folder.glob("*.eml")) - known
        if new:
            message = message_from_bytes(new.pop().read_bytes())
            part = next(p for p in message.walk() if p.get_content_type() == "text/plain")
            return bytes(part.get_payload(decode=True))
        time.sleep(0.05)
    raise AssertionError("no mail came")
