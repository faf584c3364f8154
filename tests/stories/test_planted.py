"""Values that were planted are found in no file: database, WAL, log, mail, receipts of refusals.

Source: DESIGN 11, promise 6; security note, T20.
"""

import base64
import hashlib
import os
import re
import urllib.parse
from pathlib import Path

from tests.postgres import PostgresServer
from tests.stories.served import Served
from tests.stories.shop_app import App, Customer

NAME = "Zyxwvéa Planted-Canary"
ADDRESS = "77 Unfindable Crescent, Qwghlm"
EMAIL = "planted.canary@example.org"
SAID = "The teapot whistled in B-flat minor"
APPROVED = [
    {
        "purpose": "delivery",
        "actions": ["read"],
        "datatypes": ["contact.email", "contact.full_name", "contact.postal_address"],
    },
    {"purpose": "support", "actions": ["append"], "datatypes": ["interaction.call"]},
]


def spellings(text: str) -> set[bytes]:
    """Return the ways in which a text might lie in a file."""
    plain = text.encode()
    found = {
        plain,
        plain.lower(),
        text.encode("utf-16-le"),
        text.encode("utf-16-be"),
        plain.hex().encode(),
        plain.hex().upper().encode(),
        urllib.parse.quote(text).encode(),
        urllib.parse.quote_plus(text).encode(),
        hashlib.sha256(plain).digest(),
        hashlib.sha256(plain).hexdigest().encode(),
        hashlib.sha1(plain).digest(),
        hashlib.md5(plain).digest(),
    }
    # Base64 of the text wherever it stands in what was encoded: without the ends that its
    # neighbours change.
    for shift in range(3):
        encoded = base64.b64encode(b"x" * shift + plain + b"x" * 2)
        found.add(encoded[4:-4])
        found.add(base64.urlsafe_b64encode(b"x" * shift + plain + b"x" * 2)[4:-4])
    return found


def search(folder: Path, texts: tuple[str, ...]) -> set[tuple[str, str]]:
    """Return (file, text) of each planted text that some file holds."""
    wanted = {text: spellings(text) for text in texts}
    hits = set()
    # `os.walk` passes over what is gone meanwhile: databases of other tests come and go.
    for file in (Path(where) / name for where, _, names in os.walk(folder) for name in names):
        try:
            data = file.read_bytes()
        except OSError:  # a socket, or gone by now
            continue
        for text, forms in wanted.items():
            if any(form in data for form in forms):
                hits.add((file.name, text))
    return hits


def use(served: Served) -> None:
    """Let planted values take every way through the vault, good and bad."""
    who = served.run(
        "customer", "add", "--email", EMAIL, "--set", f"contact.full_name={NAME}",
        "--set", f"contact.postal_address={ADDRESS}", "--source", "told",
    )  # fmt: skip
    served.run("customer", "add", "--email", EMAIL, "--source", "told", status=4)
    app = App(served, "delivery", APPROVED)
    app.sign_in()
    pairwise = served.run("app", "id", "delivery", who)
    path = f"/api/v1/customers/{pairwise}"
    assert NAME in app.request("GET", f"{path}/profile?purpose=delivery").text
    event = {
        "purpose": "support",
        "kind": "call",
        "at": "2026-11-20T10:00:00Z",
        "channel": "phone",
        "content": {"said": SAID},
    }
    assert app.request("POST", f"{path}/interactions", event).status_code == 201
    bad = {"purpose": "delivery", "source": "told", "fields": {"contact.full_name": NAME}}
    assert app.request("PATCH", f"{path}/profile", bad).status_code == 403
    assert app.request("PATCH", f"{path}/profile", {NAME: ADDRESS}).status_code == 400
    assert (
        app.request("GET", f"{path}/profile?purpose={urllib.parse.quote(NAME)}").status_code == 400
    )
    customer = Customer(served, EMAIL)
    customer.sign_in()
    assert NAME in customer.http.get("/home").text
    customer.send(
        "/privacy/marketing", "/privacy/marketing", ("decision", "give"), ("field", "contact.email")
    )
    customer.send("/sign-in", "/sign-in", ("email", f"unknown.{EMAIL}"))


def test_planted_values_are_found_in_no_file(
    installed: Served, postgres_server: PostgresServer
) -> None:
    installed.start()
    use(installed)
    assert installed.stop() == 0
    folder = installed.home.parent
    # Mails are the one place where an address must stand: on the envelope's own line.
    for mail in folder.rglob("*.eml"):
        text = mail.read_bytes()
        mail.write_bytes(re.sub(rb"(?im)^to: .*$", b"", text))
    assert search(folder, (NAME, ADDRESS, EMAIL, SAID)) == set()
    if installed.database_url.startswith("postgresql"):
        postgres_server.run_sql("CHECKPOINT")
        data = Path(postgres_server.run_sql("SHOW data_directory")).parent  # with its log and WAL
        assert search(data, (NAME, ADDRESS, EMAIL, SAID)) == set()


def test_the_search_finds_what_is_there(tmp_path: Path) -> None:
    for number, form in enumerate(sorted(spellings(NAME))):
        file = tmp_path / str(number)
        file.write_bytes(b"before" + form + b"after")
        assert search(tmp_path, (NAME,)) == {(file.name, NAME)}
        file.unlink()
    encoded = base64.b64encode(f"{{'name': '{NAME}'}}".encode())
    (tmp_path / "json").write_bytes(encoded)
    assert search(tmp_path, (NAME,)) == {("json", NAME)}
