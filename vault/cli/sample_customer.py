"""Be a sample customer in a browser: sign in by the mailed code, look, decide.

Forms are sent as the page has them, hidden inputs included, and nothing that is not on a page is
known here, so that it works only where a person's browser without scripts would.
"""

import email
import email.policy
import re
import time
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Final

from vault.cli.caller import Caller

MAIL_SECONDS: Final = 5.0  # within which the mail is there
_CODE: Final = re.compile(r"^(\d{6})$", re.MULTILINE)


class StepError(Exception):
    """Something was not as it must be; the text says what."""


@dataclass(slots=True)
class HtmlForm:
    """A form of a page."""

    action: str
    inputs: dict[str, str] = field(default_factory=dict)
    buttons: set[tuple[str, str]] = field(default_factory=set)  # name and value


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[HtmlForm] = []
        self._open = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.found.append(HtmlForm(said.get("action", "")))
            self._open = True
        elif self._open and tag == "input" and said.get("name") and _is_sent(said):
            self.found[-1].inputs[said["name"]] = said.get("value", "")
        elif self._open and tag == "button":
            self.found[-1].buttons.add((said.get("name", ""), said.get("value", "")))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = False


def _is_sent(said: dict[str, str]) -> bool:
    return said.get("type", "text") not in {"checkbox", "radio"} or "checked" in said


class SampleCustomer:
    """One browser."""

    def __init__(self, caller: Caller, *, mail: Path) -> None:
        """Look at nothing yet; mails are read from a folder."""
        self._caller = caller
        self._mail = mail

    def sign_in(self, address: str) -> None:
        """Sign in by the six digits that are mailed to an address."""
        before = set(self._mails())
        self.send("/sign-in", "/sign-in", email=address)
        code = self._code(before, address)
        landed = self.send("/sign-in/code", "/sign-in/code", code=code)
        if landed != "/home":
            raise StepError(f"signing in led to {landed}")

    def status(self, path: str) -> int:
        """Return what a page answers with."""
        return self._caller.get(path, headers={"Accept": "text/html"}).status_code

    def page(self, path: str) -> str:
        """Return a page."""
        answer = self._caller.get(path, headers={"Accept": "text/html"})
        if answer.status_code != 200:
            raise StepError(f"GET {path} answered {answer.status_code}")
        return answer.text

    def send(self, path: str, action: str, **inputs: str) -> str:
        """Fill the form of a page that is sent to `action`, and return where it leads.

        Of several such forms it is the first that has the button which is pressed.
        """
        parser = _Forms()
        parser.feed(self.page(path))
        there = [one for one in parser.found if one.action == action]
        pressed = [one for one in there if one.buttons & inputs.items()]
        form = next(iter(pressed or there), None)
        if form is None:
            raise StepError(f"{path} has no form for {action}")
        answer = self._caller.post(
            action, form=form.inputs | inputs, headers={"Origin": self._caller.origin}
        )
        if answer.status_code != 303:
            raise StepError(f"POST {action} answered {answer.status_code}")
        return answer.headers["location"]

    def _code(self, before: set[Path], address: str) -> str:
        deadline = time.monotonic() + MAIL_SECONDS
        while time.monotonic() < deadline:
            for path in set(self._mails()) - before:
                message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
                body = message.get_body(("plain",))
                found = _CODE.search(body.get_content()) if body else None
                if str(message["To"]) == address and found:
                    return found[1]
            time.sleep(0.05)
        raise StepError(f"no mail came within {MAIL_SECONDS:.0f} s")

    def _mails(self) -> list[Path]:
        return sorted(self._mail.glob("*.eml"))
