"""Page objects made by hand: what templates are tried and looked at with."""

from dataclasses import replace
from datetime import UTC, datetime

from policies.names import Basis, ConsentState
from portal import look_filter, looks, state
from portal.choice_cards import Card
from portal.frame import Frame, Publisher, Visitor
from portal.groups import Detail, Group, Missing
from portal.pages.home import Action, HomePage, Look
from portal.pages.privacy import Done, PrivacyPage
from portal.pages.who_looked import WhoLookedPage
from portal.words import day, moment

NOW = datetime(2026, 11, 24, 9, 5, tzinfo=UTC)

PUBLISHER = Publisher(
    name="Harbour Books",
    contact="Marta Duarte, data protection",
    contact_url="mailto:privacy@harbour.example",
    authority="Data Protection Commission",
    authority_url="https://www.dataprotection.ie",
    code_version="2026-11",
    code_since=day(NOW, "en"),
)
VISITOR = Visitor(out_csrf="x" * 43, leave_csrf="y" * 43, last_sign_in=moment(NOW, "en"))


def frame(here="", *, visitor=VISITOR):
    return Frame(lang="en", here=here, publisher=PUBLISHER, visitor=visitor)


DETAIL = Detail(
    field="",
    href="/home/contact.email",
    label="",
    lines=(),
    hidden=False,
    badges=(),
    source="You told us",
    how="",
    since=day(datetime(2026, 3, 2, tzinfo=UTC), "en"),
    why="To send you what you ordered, and to reach you when something goes wrong.",
    purposes=("Delivery", "Newsletter"),
    asleep=("Suggestions that fit you",),
    readers=("Parcel desk", "Newsletter"),
    until="2 years after your last order",
)


def detail(field, label, *lines, **changes):
    return replace(DETAIL, field=field, label=label, lines=lines, **changes)


HOME = HomePage(
    title="Home",
    done="",
    kept=8,
    possible=12,
    shared=7,
    apps=3,
    open=2,
    pause=None,
    restricted=False,
    erasing=False,
    csrf="z" * 43,
    actions=(
        Action(
            "You have not answered whether we may suggest books to you.",
            "/privacy",
            "Read and decide",
        ),
    ),
    looks=(
        Look("Parcel desk", "Delivery", moment(NOW, "en"), "read 3 details"),
        Look("Newsletter", "Newsletter", moment(NOW, "en"), "refused: you have not decided"),
    ),
    left=(),
    groups=(
        Group(
            "Contact",
            (
                detail("contact.email", "E-mail address", "ana.o'brien-conceição@example.org"),
                detail("contact.name", "Name", "آنا أوبراين"),
                detail(
                    "contact.address",
                    "Address",
                    "12 Quay Street",
                    "Cork",
                    "T12 AB34",
                    readers=("Parcel desk",),
                ),
            ),
            (
                Missing(
                    "Phone number",
                    "To call you when a delivery cannot find the door.",
                    ("Your order comes when you are in.",),
                    "/home/contact.phone",
                ),
            ),
        ),
        Group(
            "Health",
            (detail("health.diet", "Diet", "Coeliac", hidden=True, purposes=(), readers=()),),
            (),
        ),
        Group(
            "Preferences",
            (),
            (Missing("Favourite genres", "To suggest what you may like.", (), ""),),
        ),
    ),
)


def card(purpose="newsletter", **changes):
    given = {
        "id": purpose,
        "label": "Newsletter",
        "state": state.consent(
            ConsentState.GIVEN, "en", decided=NOW, until=datetime(2027, 11, 24, tzinfo=UTC), now=NOW
        ),
        "what": "We write to you once a month about new books and readings in the shop.",
        "why": "",
        "gain": "First choice of seats at readings.",
        "if_not": "When you stop, no more letters are sent. All else stays as it is.",
        "fields": ("E-mail address", "Name"),
        "readers": ("Newsletter",),
        "until": "24 November 2027",
        "ask": True,
        "withdraw_csrf": "y" * 43,
    } | changes
    return Card(**given)


PRIVACY = PrivacyPage(
    title="What I allow",
    done=Done(
        "good",
        "You stopped “Birthday surprise”. It works from this moment.",
        "/receipts/1",
        "0193e2a7-6f3c-7c1e-9d2b-1f0a6c3e8b21",
        "/privacy/birthday",
    ),
    view="simple",
    view_csrf="v" * 43,
    more=(),
    past=(),
    grid=None,
    choices=(
        card(since="24 November 2026", used="Last on 25 November 2026"),
        card(
            "suggestions",
            label="Suggestions that fit you",
            state=state.consent(ConsentState.UNKNOWN, "en", decided=None, until=None, now=NOW),
            withdraw_csrf="",
            until="12 months after you allow it",
        ),
        card(
            "birthday",
            label="Birthday surprise",
            state=state.consent(ConsentState.WITHDRAWN, "en", decided=NOW, until=None, now=NOW),
            withdraw_csrf="",
        ),
    ),
    others=(
        card(
            "delivery",
            label="Delivery",
            state=state.basis(Basis.CONTRACT, "en"),
            ask=False,
            withdraw_csrf="",
        ),
        card(
            "tax",
            label="Tax records",
            state=state.basis(Basis.LEGAL_OBLIGATION, "en"),
            ask=False,
            withdraw_csrf="",
            why="Commercial code, section 257",
        ),
    ),
)


def look(who="Parcel desk", **changes):
    given = {
        "own": (),
        "href": "/who-looked/7",
        "who": who,
        "at": moment(NOW, "en"),
        "state": state.outcome("en", allowed=True, refused=False),
        "opens": None,
        "purpose": "Delivery",
        "case": "",
        "allowed": ("Name", "Address", "E-mail address"),
        "allowed_words": "Read",
        "refused": (),
        "clause": looks.Clause("Delivery", "/code/2026-11#delivery"),
        "request": "kPq3nT0cL2mXw8Jr5vYb1A",
    } | changes
    return looks.Look(**given)


WHO_LOOKED = WhoLookedPage(
    title="Who looked",
    form=look_filter.FilterForm((), (), (), (), "", "", (), left_out=False, query=""),
    plot=None,
    counted_all=True,
    passed=0,
    newest="",
    days=(
        looks.Day(
            day(NOW, "en"),
            (
                look(),
                look(
                    own=tuple(
                        looks.OwnLook(
                            moment(NOW, "en"), "looked at this page", "kPq3nT0cL2mXw8Jr5vYb1A"
                        )
                        for _ in range(3)
                    ),
                    who="You",
                ),
                look(
                    "Newsletter",
                    state=state.outcome("en", allowed=True, refused=True),
                    refused=(
                        looks.Refused("You have not decided on this purpose.", ("Phone number",)),
                    ),
                ),
            ),
        ),
        looks.Day(
            day(datetime(2026, 11, 20, tzinfo=UTC), "en"),
            (
                look(
                    "Suggestions",
                    state=state.outcome("en", allowed=False, refused=True),
                    allowed=(),
                    refused=(
                        looks.Refused(
                            "The customer has withdrawn this consent.", ("Name", "Favourite genres")
                        ),
                    ),
                ),
            ),
        ),
    ),
    older="/who-looked?before=1",
)
