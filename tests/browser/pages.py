"""Every page of customers and strangers, one line each: whoever makes a page adds it here.

Those of the console are in `console_pages.py`.

The matrix visits them all, and the pictures in docs/portal are taken of them.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sight:
    """A page, and how to get there."""

    name: str  # of the picture
    path: str
    signed_in: bool = True
    write: tuple[tuple[str, str], ...] = ()  # CSS selector of an input -> what is written into it
    then: tuple[str, ...] = ()  # CSS selectors of what is pressed after that, one by one
    status: int = 200  # of `path`
    staff: str = ""  # role of the member of staff who looks; "" for a customer or a stranger
    dark: bool = False  # whether a picture in dark is kept too


SIGHTS = (
    Sight("landing", "/", signed_in=False, dark=True),
    Sight("sign-in", "/sign-in", signed_in=False),
    Sight(
        "sign-in-code",
        "/sign-in",
        signed_in=False,
        write=(("#email", "nobody@example.org"),),
        then=("main button",),
    ),
    Sight("sign-in-link", "/sign-in/link/" + "x" * 43, signed_in=False),
    Sight("join", "/join", signed_in=False),
    Sight(
        "join-code",
        "/join",
        signed_in=False,
        write=(("#email", "somebody@example.org"), ("#born", "1980-02-29")),
        then=("main form button",),
    ),
    Sight("join-answered", "/join/answered", signed_in=False),
    Sight("join-parent", "/join/parent/" + "x" * 43, signed_in=False),
    Sight("code-of-ethics", "/code", signed_in=False),
    Sight("code-changes", "/code/2026-12-2/changes", signed_in=False),
    Sight("scorecard", "/scorecard", signed_in=False),
    Sight("problem", "/problems/busy", signed_in=False),
    Sight("signed-out", "/signed-out", signed_in=False),
    Sight("home", "/home", dark=True),
    Sight("field", "/home/contact.postal_address"),
    Sight("interactions", "/interactions"),
    Sight("interactions-tree", "/interactions?view=tree"),
    Sight("tell-us", "/tell-us"),
    Sight(
        "tell-us-wrong",
        "/tell-us",
        write=(("#text", "   "),),
        then=("input[name=kind]", "main form button"),
    ),
    Sight("follow-ups", "/follow-ups"),
    Sight("card", "/card"),
    Sight("field-missing", "/home/preferences.delivery_note"),
    Sight("privacy", "/privacy"),
    Sight("privacy-grid", "/privacy?view=grid"),
    Sight("consent", "/privacy/marketing"),
    Sight("consent-explicit", "/privacy/menu"),
    Sight("consent-grid", "/privacy/loyalty.rewards?view=grid"),
    Sight("consent-empty", "/privacy/loyalty.rewards?view=grid", then=("button[value=give]",)),
    Sight("terms", "/privacy/terms?view=simple"),
    Sight("terms-grid", "/privacy/terms?view=grid"),
    Sight(
        "terms-wrong",
        "/privacy/terms?view=simple",
        write=(("#days", "366"),),
        then=("form:has(#days) button[value=never]",),
    ),
    Sight(
        "terms-often-wrong",
        "/privacy/terms?view=grid",
        write=(("#times", "31"),),
        then=("form:has(#times) button[value=never]",),
    ),
    Sight("unsubscribe", "/u/" + "x" * 192, signed_in=False),
    Sight(
        "unsubscribed",
        "/u/" + "x" * 192,
        signed_in=False,
        then=("main button",),
    ),
    Sight("who-looked", "/who-looked"),
    Sight("who-looked-filtered", "/who-looked?who=others&outcome=allowed"),
    Sight("requests", "/requests"),
    Sight("request-new", "/requests/new?kind=object"),
    Sight("request", "/requests", then=("main a[href^='/requests/0']",)),
    Sight("your-data", "/your-data"),
    Sight("your-data-order", "/your-data/order"),
    Sight(
        "your-data-period",
        "/your-data/order",
        write=(("#since", "2026-11-02"), ("#until", "2026-11-01")),
        then=("button[value=json]",),
    ),
    Sight("package", "/your-data", then=("main a.button[href^='/your-data/package/']",)),
    Sight("receipts", "/receipts"),
    Sight("security", "/security"),
    Sight("confirm", "/sign-in?fresh=1"),
    Sight("address", "/security/address"),
    Sight("address-code", "/security/address/code"),
    Sight("receipt", "/receipts", then=("main a.button[href^='/receipts/0']",)),
    Sight("receipt-check", "/receipts/check", signed_in=False),
    Sight(
        "receipt-bad",
        "/receipts/check",
        signed_in=False,
        write=(("textarea", '{"signature": "a..b", "schema_version": "x"}'),),
        then=("main button",),
    ),
    Sight("erase", "/your-data/erase"),
    Sight("erase-everything", "/your-data/erase-everything"),
    Sight(
        "look-check",
        "/who-looked?who=app:newsletter",
        then=("main a[href$='/check']",),
    ),
    Sight("log-key", "/who-looked/key"),
    Sight("look", "/who-looked", then=("main article a[href^='/who-looked/']",)),
    Sight("survey-over", "/survey/" + "x" * 43, signed_in=False, status=404),
    Sight("not-found", "/nowhere", status=404),
)
