"""Commands and the server work on one database at the same time, SQLite too."""

import threading

from tests.stories.served import Served
from tests.stories.shop_app import App


def reader(served: Served, email: str, name: str, purpose: str) -> tuple[App, str]:
    """Return an app with a token, and what it may read."""
    approved = [{"purpose": purpose, "actions": ["read"], "datatypes": ["contact.email"]}]
    app = App(served, name, approved)
    app.sign_in()
    who = served.run("customer", "add", "--email", email, "--source", "told")
    pairwise = served.run("app", "id", name, who)
    return app, f"/api/v1/customers/{pairwise}/profile?purpose={purpose}"


def test_commands_add_customers_while_an_app_reads(served: Served) -> None:
    app, path = reader(served, "reads@example.org", "delivery", "delivery")
    statuses: list[int] = []
    stop = threading.Event()

    def read() -> None:
        while not stop.is_set():
            statuses.append(app.request("GET", path).status_code)

    thread = threading.Thread(target=read)
    thread.start()
    try:
        for number in range(3):
            email = f"beside{number}@example.org"
            served.run("customer", "add", "--email", email, "--source", "told")
    finally:
        stop.set()
        thread.join()
    assert len(statuses) > 5
    assert set(statuses) == {200}
    assert served.get("/readyz") == 200


def test_a_frozen_app_is_refused_on_the_very_next_call(served: Served) -> None:
    app, path = reader(served, "frozen@example.org", "loyalty", "support")
    assert app.request("GET", path).status_code == 200
    served.run("app", "freeze", "loyalty")
    assert app.request("GET", path).status_code == 401
    served.run("app", "thaw", "loyalty")
    assert app.request("GET", path).status_code == 401  # tokens from before stay void


def test_another_issuer_is_not_served(installed: Served) -> None:
    installed.port += 1
    installed.run("serve", status=3)


def test_a_server_that_is_asked_to_end_ends_well_and_comes_back(installed: Served) -> None:
    installed.start()
    assert installed.stop() == 0
    installed.start()
    assert installed.get("/readyz") == 200


def test_a_port_that_is_taken_is_said(served: Served) -> None:
    served.run("serve", "--port", str(served.port), status=3)
