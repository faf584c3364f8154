"""Every page of the console, with the role that looks at it: whoever makes a page adds it here."""

from tests.browser.pages import Sight

CONSOLE = (
    Sight("console-sign-in", "/console/sign-in", signed_in=False),
    Sight(
        "console-sign-in-code",
        "/console/sign-in",
        signed_in=False,
        write=(("#email", "nobody@example.org"),),
        then=("main button",),
    ),
    Sight("console-sign-in-link", f"/console/sign-in/link/{'x' * 43}", signed_in=False),
    Sight("console-enrol", f"/console/enrol/{'x' * 43}", signed_in=False),
    Sight("console-signed-out", "/console/signed-out", signed_in=False),
    Sight("console-home-compliance", "/console", staff="compliance"),
    Sight("console-home-steward", "/console", staff="steward"),
    Sight("console-home-support", "/console", staff="support"),
    Sight("console-home-admin", "/console", staff="admin"),
    Sight("console-not-there", "/console/log", staff="support", status=404),
    Sight("console-log", "/console/log", staff="compliance"),
    Sight("console-log-empty", "/console/log?app=nobody", staff="compliance"),
    Sight(
        "console-log-entry",
        "/console/log",
        staff="compliance",
        then=("main a[href^='/console/log/']",),
    ),
    Sight("console-looks", "/console/looks", staff="support"),
    Sight("console-apps", "/console/apps", staff="admin"),
    Sight("console-app", "/console/apps/newsletter", staff="steward"),
    Sight("console-app-seen", "/console/apps/newsletter", staff="support"),
    Sight("console-record", "/console/record", staff="compliance"),
    Sight("console-requests", "/console/requests", staff="support"),
    Sight(
        "console-request",
        "/console/requests",
        staff="support",
        then=("main a[href^='/console/requests/']",),
    ),
    Sight("console-customers", "/console/customers", staff="support"),
    Sight("console-alerts", "/console/alerts", staff="compliance"),
    Sight("console-code", "/console/code", staff="steward"),
    Sight("console-code-draft", "/console/code/draft", staff="steward"),
    Sight("console-proposals", "/console/proposals", staff="compliance"),
    Sight("console-staff", "/console/staff", staff="admin"),
)
