"""Commands and the server work on one database at the same time, SQLite too."""

import threading

from tests.stories.served import Served
from tests.stories.shop_app import App

APPROVED = [{"purpose": "delivery", "actions": ["read"], "datatypes": ["contact.email"]}]


def test_commands_add_customers_while_an_app_reads(served: Served) -> None:
    app = App(served, "delivery", APPROVED)
    app.sign_in()
    who = served.run("customer", "add", "--email", "first@example.org", "--source", "told")
    path = f"/api/v1/customers/{served.run('app', 'id', 'delivery', who)}/profile?purpose=delivery"
    statuses: list[int] = []
    stop = threading.Event()

    def read() -> None:
        while not stop.is_set():
            statuses.append(app.request("GET", path).status_code)

    reader = threading.Thread(target=read)
    reader.start()
    try:
        for number in range(5):
            email = f"c{number}@example.org"
            served.run("customer", "add", "--email", email, "--source", "told")
    finally:
        stop.set()
        reader.join()
    assert len(statuses) > 5
    assert set(statuses) == {200}
    assert served.get("/readyz") == 200


def test_a_frozen_app_is_refused_on_the_very_next_call(served: Served) -> None:
    app = App(served, "delivery", APPROVED)
    app.sign_in()
    who = served.run("customer", "add", "--email", "first@example.org", "--source", "told")
    path = f"/api/v1/customers/{served.run('app', 'id', 'delivery', who)}/profile?purpose=delivery"
    assert app.request("GET", path).status_code == 200
    served.run("app", "freeze", "delivery")
    assert app.request("GET", path).status_code == 401
    served.run("app", "thaw", "delivery")
    assert app.request("GET", path).status_code == 401  # tokens from before stay void


def test_another_issuer_is_not_served(installed: Served) -> None:
    installed.port += 1
    installed.run("serve", status=3)


def test_a_server_that_is_asked_to_end_ends_well(served: Served) -> None:
    assert served.stop() == 0
    served.start()
    assert served.get("/readyz") == 200
