"""List every way into the portal, and make the application that serves them.

The one table below says which paths there are, what they answer and who may come; the guard, the
menu and the tests of headers and forms all read it. What is not in it does not exist.
"""

from typing import Final

from starlette.routing import Route, Router

from portal import client
from portal.console import ways as console
from portal.console.door import ConsoleDoor
from portal.door import Door, Way
from portal.pages import (
    address,
    assets,
    attachment,
    card,
    code,
    code_changes,
    erase,
    field,
    follow_ups,
    go_on,
    gpc,
    home,
    interactions,
    join,
    join_child,
    landing,
    language,
    leave,
    log_key,
    look_proof,
    package,
    privacy,
    privacy_ask,
    problem,
    receipt,
    receipt_check,
    receipts,
    request,
    requests,
    schema,
    scorecard,
    security,
    sign_in,
    survey,
    tell_us,
    terms,
    unsubscribe,
    view,
    who_looked,
    your_data,
)
from vault.services.deps import Deps

WAYS: Final[tuple[Way, ...]] = (
    Way("/", landing.show, signed_in=False),
    Way("/language", post=language.choose, signed_in=False, unbound=True),
    Way("/sign-in", sign_in.ask, sign_in.send, signed_in=False, asks_in=True),
    Way("/sign-in/again", post=sign_in.again, asks_in=True),
    Way("/sign-in/code", sign_in.ask_code, sign_in.confirm_code, signed_in=False, asks_in=True),
    Way(
        "/sign-in/link/{token}",
        sign_in.ask_link,
        sign_in.confirm_link,
        signed_in=False,
        asks_in=True,
    ),
    Way("/join", join.ask, join.send, signed_in=False, asks_in=True),
    Way("/join/code", join.ask_code, join.confirm, signed_in=False, asks_in=True),
    Way("/join/parent", join_child.ask, join_child.send, signed_in=False, asks_in=True),
    Way(
        "/join/parent/{token}",
        join_child.show,
        join_child.answer,
        signed_in=False,
        asks_in=True,
    ),
    Way("/join/answered", join_child.answered, signed_in=False),
    Way("/go-on", go_on.show),
    Way("/sign-out", post=sign_in.sign_out, signed_in=False, leaves=True),
    Way("/leave", post=leave.leave, signed_in=False, leaves=True),
    Way("/signed-out", sign_in.signed_out, signed_in=False),
    Way("/signed-out.css", assets.leaving, signed_in=False, wordless=True),
    Way("/home", home.show),
    Way("/home/{name}", field.show, field.act),
    Way("/restriction", post=home.restrict),
    Way("/interactions", interactions.show),
    Way("/interactions/{event}/attachments/{number}", attachment.fetch),
    Way("/tell-us", tell_us.ask, tell_us.tell),
    Way("/follow-ups", follow_ups.show),
    Way("/follow-ups/{follow_up}", post=follow_ups.act),
    Way("/card", card.show, card.act),
    Way("/privacy", privacy.show),
    # Before the purposes: no purpose may be called this (`policies.names.PAGES`).
    Way("/privacy/terms", terms.show, terms.press),
    Way("/privacy/view", post=view.choose),
    Way("/privacy/{purpose}", privacy_ask.ask, privacy_ask.decide),
    Way("/who-looked", who_looked.show),
    Way("/who-looked.csv", who_looked.csv),
    Way("/who-looked.json", who_looked.json),
    # Before the lines: none is called this.
    Way("/who-looked/key", log_key.ask, log_key.hand, fresh=True),
    Way("/who-looked/{index}/check", look_proof.show),
    Way("/who-looked/{index}/proof", look_proof.download),
    Way("/who-looked/{index}", who_looked.show_one, who_looked.ask_why),
    Way("/me/usage.json", who_looked.usage),
    Way("/security", security.show),
    Way("/security/sessions", post=security.end),
    Way("/security/address", address.ask, address.send, fresh=True),
    Way("/security/address/code", address.ask_code, address.confirm, fresh=True),
    Way("/security/idle", post=security.set_idle),
    Way("/your-data", your_data.show),
    Way("/your-data/order", your_data.ask, your_data.order, fresh=True),
    Way("/your-data/package/{package}", package.show, package.fetch, fresh=True),
    Way("/your-data/erase", erase.show, fresh=True),
    Way("/your-data/erase-everything", erase.confirm, erase.ask, fresh=True),
    Way("/your-data/erasing", erase.state, erase.take_back),
    Way("/erased/{token}", erase.erased, signed_in=False),
    Way("/erased/{token}/certificate", erase.download, signed_in=False),
    Way("/schema/export/1", schema.export, signed_in=False),
    Way("/requests", requests.show),
    Way("/requests/new", requests.ask, requests.make),
    Way("/requests/{request}", request.read, request.act),
    Way("/receipts", receipts.show),
    Way(
        receipt_check.PATH,
        receipt_check.ask,
        receipt_check.check,
        signed_in=False,
        asks_in=True,
        max_form=receipt_check.MAX_FORM,
    ),
    Way("/receipts/{receipt}.json", receipt.download),
    Way("/receipts/{receipt}", receipt.show),
    Way("/schema/consent-receipt/1", receipt_check.schema, signed_in=False),
    Way("/notices/{sha256}", receipts.notice, signed_in=False),
    Way("/u/{token}", unsubscribe.ask, unsubscribe.stop, signed_in=False, open_post=True),
    Way("/survey/{token}", survey.ask, survey.answer, signed_in=False, asks_in=True),
    Way("/.well-known/gpc.json", gpc.support, signed_in=False),
    Way("/.well-known/receipt-keys.json", receipts.keys, signed_in=False),
    Way("/scorecard", scorecard.show, signed_in=False),
    Way("/scorecard.json", scorecard.json, signed_in=False),
    Way("/code", code.show, signed_in=False),
    Way("/code/{version}.txt", code.text, signed_in=False),
    Way("/code/{version}.json", code.json, signed_in=False),
    Way("/code/{version}.jsonld", code.jsonld, signed_in=False),
    Way("/code/{version}/changes", code_changes.show, signed_in=False),
    Way("/code/{version}", code.show_version, signed_in=False),
    Way("/problems/{code}", problem.show, signed_in=False),
    Way("/static/{digest}/{name}", assets.file, signed_in=False, wordless=True),
    Way("/favicon.ico", assets.icon, signed_in=False, wordless=True),
)
NOWHERE: Final = Way("", signed_in=False)  # answers nothing: 404


def create(deps: Deps, trusted_proxies: str = "") -> Router:
    """Return the portal as an ASGI application.

    Args:
        deps: what the use cases are handed.
        trusted_proxies: addresses between commas whose X-Forwarded-For counts.
    """
    proxies = client.networks(trusted_proxies)
    routes = [Route(way.path, Door(way, deps, proxies=proxies)) for way in WAYS]
    routes += [
        Route(way.path, ConsoleDoor(way, deps, proxies=proxies, ways=console.WAYS))
        for way in (*console.WAYS, console.NOWHERE)
    ]
    return Router(routes, redirect_slashes=False, default=Door(NOWHERE, deps, proxies=proxies))
