"""List every way into the console: its path, what it answers, and which right it needs.

The one table below feeds the guard, the menu and the test that walks each route as each role. What
is not in it does not exist.
"""

from typing import Final

from portal.console.door import ConsoleWay
from portal.console.pages import home, sign_in

WAYS: Final[tuple[ConsoleWay, ...]] = (
    ConsoleWay("/console", home.show),
    ConsoleWay("/console/sign-in", sign_in.ask, sign_in.send, signed_in=False, asks_in=True),
    ConsoleWay(
        "/console/sign-in/code", sign_in.ask_code, sign_in.confirm, signed_in=False, asks_in=True
    ),
    ConsoleWay(
        "/console/enrol/{token}", sign_in.ask_enrol, sign_in.enrol, signed_in=False, asks_in=True
    ),
    ConsoleWay("/console/sign-out", post=sign_in.sign_out, signed_in=False, leaves=True),
    ConsoleWay("/console/signed-out", sign_in.signed_out, signed_in=False),
)
