"""What should not have been permitted is found in the log, by its reason; the rest is not accused."""

import hashlib
from dataclasses import replace

import pytest

from tests.vaults import RULEBOOK
from tests.verifier.replayed import AUDIT_KEY, HANDLE, ORIGIN, STARTED, Book
from vault.core.entry import Kind
from vault.services.draft import Asked
from vault.verifier.replay import Replay, Report
from vault.verifier.replay_system import SLACK

EMAIL, ADDRESS, PHONE = "contact.email", "contact.postal_address", "contact.phone"
LOYALTY = "loyalty.rewards"
TRIPLES = {
    ("marketing", "read", EMAIL),
    ("delivery", "read", EMAIL),
    ("delivery", "read", PHONE),
    ("delivery", "read", ADDRESS),
    ("delivery", "write", ADDRESS),
    ("support", "read", EMAIL),
    (LOYALTY, "append", "interaction.purchase"),
}
NOON = 1_796_126_400_000  # 2026-12-01 12:00 UTC, unix ms
DAY = 86_400_000


class Shop:
    """A log of a shop: code, apps, staff, and one customer."""

    def __init__(self):
        self.book = Book()
        self.book.publish(RULEBOOK)
        self.registered = {
            app: self.book.register(app, TRIPLES) for app in ("newsletter", "delivery", "loyalty")
        }
        self.book.staff("support")
        self.place = None

    def look(self, purpose="marketing", *names, app="newsletter", at=NOON, seen=None, **changes):
        """Let an app be permitted some names; `changes` are members of the draft."""
        ceiling = tuple(sorted(one for one in TRIPLES if one[0] == purpose))
        asked = Asked(changes.pop("action", "read"), changes.pop("decided", at))
        given = {
            "actor": f"app:{app}",
            "app": app,
            "purpose": purpose,
            "allowed": tuple((name, purpose) for name in names or (EMAIL,)),
            "registration": self.registered.get(app),
            "ceiling": ceiling,
            "asked": asked,
        }
        draft = self.book.draft(changes.pop("kind", Kind.READ), **given | changes)
        self.place = self.book.add(draft, at=at, seen=seen)
        return self.place

    def said(self):
        """What the replay says of the last look: a reason, "undecidable: …", or None."""
        report = self.book.replay()
        if report.undecidable:
            return f"undecidable: {min(report.why)}"
        reasons = [one.reason for one in report.disagreements if one.place == self.place]
        assert len(report.disagreements) == len(reasons)  # nothing else is accused
        return reasons[0] if reasons else None


@pytest.fixture
def shop():
    return Shop()


def test_what_was_allowed_is_allowed_again(shop):
    shop.book.consent("marketing", [EMAIL])
    shop.look()
    assert shop.said() is None
    report = shop.book.replay()
    assert (report.replayed, report.changes, report.disagreeing) == (1, 1, 0)


@pytest.mark.parametrize("state", ["withdrawn", "revoked", "invalidated", "refused"])
def test_a_look_after_a_withdrawal_is_found(shop, state):
    shop.book.consent("marketing", [EMAIL])
    shop.book.consent("marketing", [EMAIL], state=state)
    shop.look()
    assert shop.said() == state


def test_the_epoch_says_what_was_decided_on_wherever_the_change_stands(shop):
    """A change may stand behind a look that was made under it, or before one that overlapped it."""
    shop.book.consent("marketing", [EMAIL])
    epoch = shop.book.epoch
    shop.book.consent("marketing", [EMAIL], state="withdrawn")
    shop.look(epoch=epoch, seen=0)
    assert shop.said() is None
    other = Shop()
    other.look(epoch=1)
    other.book.consent("marketing", [EMAIL])
    assert other.said() is None


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"ceiling": ()}, "outside-token"),
        ({"ceiling": None}, "outside-token"),
        ({"ceiling": (("marketing", "write", EMAIL),)}, "outside-token"),
        ({"registration": None}, "not-registered"),
        ({"registration": "ab" * 32}, "not-registered"),
        ({"allowed": ((EMAIL, "delivery"),)}, "wrong-clause"),
        ({"allowed": (("contact.shoe_size", "marketing"),)}, "unknown-field"),
        ({"allowed": ((PHONE, "marketing"),)}, "no-clause"),
        ({"app": "delivery", "actor": "app:delivery"}, "not-recipient"),
        ({"actor": "app:delivery"}, "no-clause"),  # it says two apps
        ({"actor": "operator"}, "no-clause"),
        ({"actor": "customer"}, "no-clause"),
        ({"actor": "somebody"}, "no-clause"),
        ({"kind": Kind.STAFF_LOOK, "action": "write"}, "wrong-action"),
        ({"kind": Kind.WRITTEN}, "wrong-action"),
        ({"action": "append"}, "wrong-action"),
        ({"code": "cd" * 32}, "undecidable: code-missing"),
    ],
)
def test_each_thing_that_an_entry_says_is_held_against_the_rest(shop, changes, reason):
    shop.book.consent("marketing", [EMAIL, PHONE])
    shop.look(**changes)
    assert shop.said() == reason


@pytest.mark.parametrize(
    ("terms", "reason"),
    [
        ({"paused": True}, "paused"),
        ({"never_purposes": ["marketing"]}, "never-purpose"),
        ({"never_apps": ["newsletter"]}, "never-app"),
        ({"ask_each_time": ["marketing"]}, "ask-each-time"),
        ({"never_channels": ["email"]}, "never-channel"),
        ({"never_channels": ["phone"]}, None),
        ({"child_until": NOON + 1}, "child"),
        ({"child_until": NOON}, None),
        ({"restricted_fields": [EMAIL]}, "restricted"),
        ({"restricted_fields": [PHONE]}, None),
        ({"erase_at": NOON + DAY}, "restricted"),
        ({"lapse_days": 1}, "expired"),
        ({"lapse_days": 365}, None),
        ({"at_most": 1}, None),  # it limits contacts, and forbids no look
        ({"quiet": "11:00-13:00 UTC"}, "quiet-hours"),
        ({"quiet": "22:00-12:01 UTC"}, "quiet-hours"),
        ({"quiet": "12:01-11:59 UTC"}, None),
        ({"quiet": "12:30-14:00 Europe/Lisbon"}, None),
        ({"quiet": "12:30-14:00 Europe/Berlin"}, "quiet-hours"),
        ({"quiet": "always"}, "quiet-hours"),
        ({"quiet": "22:00-08:00 Moon/Tycho"}, "undecidable: zone-unknown"),
        ({"no_sharing": True, "no_mails": ["reminders"], "gpc_ms": 5, "holds": []}, None),
    ],
)
def test_terms_of_the_customer_hold(shop, terms, reason):
    shop.book.consent("marketing", [EMAIL], start=NOON - 30 * DAY)
    shop.book.stand(**terms)
    shop.look()
    assert shop.said() == reason


def test_a_restriction_an_objection_and_their_end(shop):
    book = shop.book
    book.stand(flags=1, kind=Kind.RESTRICTED)
    shop.look("delivery", app="delivery")
    assert shop.said() == "restricted"
    book.entries.pop()
    book.stand(kind=Kind.LIFTED)
    shop.look("delivery", app="delivery")
    assert shop.said() is None
    book.stand(objections=["support"], kind=Kind.OBJECTED)
    shop.look("support", app="delivery")
    assert shop.said() == "objected"
    book.entries.pop()
    book.stand(kind=Kind.LIFTED)
    shop.look("support", app="delivery")
    assert shop.said() is None


def test_what_is_added_is_added_under_a_restriction_and_a_pause(shop):
    shop.book.consent(LOYALTY, ["interaction.purchase"])
    shop.book.stand(flags=1, paused=True)
    name = "interaction.purchase"
    written = {"kind": Kind.WRITTEN, "action": "append", "sources": ((name, "observed"),)}
    shop.look(LOYALTY, name, app="loyalty", **written)
    assert shop.said() is None


@pytest.mark.parametrize(
    ("until", "fields", "reason"),
    [
        (NOON, [EMAIL], "expired"),
        (NOON + 1, [EMAIL], None),
        (NOON + 1, [PHONE], "not-ticked"),
    ],
)
def test_a_consent_ends_and_names_its_fields(shop, until, fields, reason):
    shop.book.consent("marketing", fields, until=until)
    shop.look()
    assert shop.said() == reason


def test_no_consent_at_all(shop):
    shop.look()
    assert shop.said() == "not-asked"


@pytest.mark.parametrize(
    ("decided", "reason"),
    [
        (NOON - 1, None),
        (NOON, "expired"),
        (NOON - SLACK, None),
        (NOON - SLACK - 1, "undecidable: moment"),  # two clocks that far apart are not believed
        (None, "undecidable: moment"),
    ],
)
def test_the_moment_of_the_load_counts_where_it_can_be_believed(shop, decided, reason):
    shop.book.consent("marketing", [EMAIL], until=NOON)
    asked = None if decided is None else Asked("read", decided)
    shop.look(asked=asked)
    assert shop.said() == reason


def test_a_third_party_value_that_nobody_was_told_of(shop):
    book = shop.book
    book.value(ADDRESS, "third-party", at=NOON - 10)
    shop.look("delivery", ADDRESS, app="delivery")
    assert shop.said() == "not-told"
    book.entries.pop()
    shop.look("delivery", ADDRESS, app="delivery", seen=0)  # it may have been loaded before
    assert shop.said() is None
    book.entries.pop()
    told = book.draft(Kind.MARKED, allowed=((ADDRESS, "told"),))
    book.add(told, at=NOON - 5)
    shop.look("delivery", ADDRESS, app="delivery")
    assert shop.said() is None
    book.value(ADDRESS, "third-party", at=NOON - 4)
    shop.look("delivery", ADDRESS, app="delivery")
    assert shop.said() == "not-told"
    book.entries.pop()
    book.value(ADDRESS, "told", at=NOON - 3)
    shop.look("delivery", ADDRESS, app="delivery")
    assert shop.said() is None


def test_a_frozen_app_and_one_that_was_registered_anew(shop):
    shop.book.consent("marketing", [EMAIL])
    shop.book.app_is("newsletter", "frozen", at=NOON - 100)
    shop.look()
    assert shop.said() == "frozen"
    shop.book.entries.pop()
    shop.book.app_is("newsletter", "thawed", at=NOON - 50)
    shop.look()
    assert shop.said() is None
    shop.book.register("newsletter", {("marketing", "read", PHONE)}, at=NOON - 10)
    shop.look()
    assert shop.said() == "not-registered"  # the old registration stands no more
    shop.book.entries.pop()
    shop.look(seen=3)  # it may have been loaded before
    assert shop.said() is None


@pytest.mark.parametrize(
    ("role", "asked", "reason"),
    [
        ("support", "support", "not-recipient"),  # the sample code lets no role see marketing
        ("support", "compliance", "other-role"),
        (None, "support", "undecidable: staff-unknown"),
    ],
)
def test_staff_look_by_the_role_that_the_log_gave_them(shop, role, asked, reason):
    shop.book.consent("marketing", [EMAIL])
    actor = f"staff:{HANDLE if role else 's-unknown1'}"
    member = Asked("read", NOON, asked)
    shop.look(app=None, actor=actor, ceiling=None, asked=member, kind=Kind.STAFF_LOOK)
    if reason.startswith("undecidable"):
        assert shop.said() == reason
    else:
        assert shop.said() in {reason, "not-recipient"}


def test_who_has_ended_is_nobody(shop):
    audit = {"allowed": (("audit", "audit"),), "actor": f"staff:{HANDLE}", "asked": None}
    shop.look("audit.control", app=None, kind=Kind.STAFF_LOOK, **audit)
    assert shop.said() == "not-recipient"  # support is not who looks into entries
    shop.book.entries.pop()
    shop.book.staff("compliance", at=NOON - 2)
    shop.look("audit.control", app=None, kind=Kind.STAFF_LOOK, **audit)
    assert shop.said() is None
    shop.book.staff("compliance", change="ended", at=NOON - 1)
    shop.look("audit.control", app=None, kind=Kind.STAFF_LOOK, **audit)
    assert shop.said() == "not-recipient"


def test_changes_that_are_missing_doubled_or_of_an_older_release_decide_nothing(shop):
    book = shop.book
    book.consent("marketing", [EMAIL])
    book.epoch += 1  # a change that is not there
    shop.look()
    assert shop.said() == "undecidable: change-missing"
    other = Shop()
    other.book.consent("marketing", [EMAIL])
    other.book.epoch = 0
    other.book.consent("marketing", [EMAIL])
    other.look()
    assert other.said() == "undecidable: change-untold"
    older = Shop()
    older.book.consent("marketing", [EMAIL])
    older.book.epoch += 1
    older.book.add(older.book.draft(Kind.TERMS), at=STARTED)
    older.look()
    assert older.said() == "undecidable: change-untold"


def test_a_surely_wrong_name_is_found_beside_what_cannot_be_told(shop):
    shop.book.epoch += 1
    shop.look("marketing", EMAIL, ceiling=())
    assert shop.said() == "outside-token"


def test_another_code_than_the_one_in_force(shop):
    later = replace(RULEBOOK, document=RULEBOOK.document.replace(b'"2026-11"', b'"2026-12"'))
    shop.book.consent("marketing", [EMAIL])
    old = shop.book.code
    digest = hashlib.sha256(later.document).hexdigest()
    shop.book.publish(replace(later, digest=digest), effective=NOON + SLACK, at=STARTED + 1)
    shop.look(code=old)
    assert shop.said() is None
    shop.look(code=digest)
    assert shop.said() is None  # within what two clocks may differ
    shop.look(code=old, at=NOON + 2 * SLACK + 1)
    assert shop.said() == "other-code"


def test_of_nobody_nothing_is_permitted():
    shop = Shop()
    shop.book.keys = replace(shop.book.keys, generation=0)
    shop.look("delivery", app="delivery")
    assert shop.said() == "unknown-customer"


def test_entries_of_others_are_unreadable_and_denials_are_counted(shop):
    shop.look(kind=Kind.DENIED, allowed=())
    assert (shop.book.replay().refused, shop.said()) == (1, None)
    report = Report()
    stranger = Book(key=bytes(32))
    one = Replay(shop.book.system, report, stranger.keys, lambda _: ORIGIN)
    for place, entry in shop.book.entries:
        one.learn(place, entry)
        one.judge(place, entry)
    assert (report.unreadable, report.replayed) == (1, 0)


def test_a_payload_that_does_not_open_is_a_disagreement(shop):
    shop.book.consent("marketing", [EMAIL])
    place = shop.look()
    _, entry = shop.book.entries[-1]
    shop.book.entries[-1] = (place, entry[:-1] + bytes([entry[-1] ^ 1]))
    assert shop.said() == "not-readable"


def test_without_the_seal_key_nothing_is_decided(shop):
    shop.look()
    shop.book.keys = replace(shop.book.keys, seal=None)
    assert shop.said() == "undecidable: seal-key-missing"


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ({"allowed": ((EMAIL, "field/contact.email"),)}, None),
        ({"allowed": (("contact.shoe_size", "dropped/contact.shoe_size"),)}, "unknown-field"),
        ({"allowed": ((EMAIL, "dropped/contact.email"),)}, None),
        ({"allowed": ((EMAIL, "own"),)}, "wrong-clause"),
        (
            {"allowed": ((EMAIL, "field/contact.email"),), "sources": ((EMAIL, "told"),)},
            "no-clause",
        ),
    ],
)
def test_what_the_vault_deletes(shop, members, reason):
    shop.place = shop.book.add(shop.book.draft(Kind.WRITTEN, actor="vault", **members), at=NOON)
    assert shop.said() == reason


def test_the_vault_deletes_nothing_that_is_held_or_restricted(shop):
    hold = f"{'ab' * 16} {NOON + 1} law {EMAIL}"
    deleting = {"allowed": ((EMAIL, f"field/{EMAIL}"),), "actor": "vault"}
    shop.book.stand(holds=[hold], kind=Kind.HELD)
    shop.place = shop.book.add(shop.book.draft(Kind.WRITTEN, **deleting), at=NOON)
    assert shop.said() == "held"
    shop.book.entries.pop()
    shop.place = shop.book.add(shop.book.draft(Kind.WRITTEN, **deleting), at=NOON + SLACK + 1)
    assert shop.said() is None
    shop.book.stand(flags=1)
    shop.place = shop.book.add(shop.book.draft(Kind.WRITTEN, **deleting), at=NOON)
    assert shop.said() == "restricted"


@pytest.mark.parametrize(
    ("kind", "actor", "word", "reason"),
    [
        (Kind.OWN_LOOK, "customer", ("request", "own"), None),
        (Kind.OWN_LOOK, "operator", ("request", "own"), "not-recipient"),
        (Kind.STAFF_LOOK, f"staff:{HANDLE}", ("request", "request"), None),
        (Kind.STAFF_LOOK, "customer", ("request", "request"), "not-recipient"),
        (Kind.STAFF_LOOK, f"staff:{HANDLE}", ("hold", "hold"), "not-recipient"),
        (Kind.STAFF_LOOK, "operator", ("hold", "hold"), None),
        (Kind.WRITTEN, "operator", ("request", "request"), None),
        (Kind.WRITTEN, "app:x", ("request", "request"), "not-recipient"),
        (Kind.WRITTEN, "customer", ("follow-up", "own"), None),
        (Kind.WRITTEN, f"staff:{HANDLE}", ("follow-up", "own"), "not-recipient"),
        (Kind.WRITTEN, f"staff:{HANDLE}", ("follow-up", "follow-up"), None),
        (Kind.WRITTEN, "customer", ("follow-up", "follow-up"), "not-recipient"),
        (Kind.WRITTEN, "app:x", ("follow-up", "follow-up"), "not-recipient"),
        (Kind.STAFF_LOOK, f"staff:{HANDLE}", ("audit", "audit"), "wrong-clause"),
        (Kind.MARKED, "customer", (EMAIL, "disputed"), None),
        (Kind.MARKED, "operator", (EMAIL, "disputed"), "wrong-mark"),
        (Kind.MARKED, "customer", (EMAIL, "seen"), "wrong-mark"),
        (Kind.EXPORT, "customer", (EMAIL, "own"), None),
        (Kind.EXPORT, "customer", (EMAIL, "notice"), "wrong-clause"),
    ],
)
def test_what_no_code_of_ethics_decides(shop, kind, actor, word, reason):
    app = "x" if actor.startswith("app:") else None
    draft = shop.book.draft(kind, actor=actor, app=app, allowed=(word,))
    shop.place = shop.book.add(draft, at=NOON)
    assert shop.said() == reason


def test_an_app_that_may_create_is_told_as_of_somebody_new(shop):
    shop.book.register("delivery", TRIPLES | {("delivery", "write", EMAIL)}, at=STARTED + 1)
    shop.book.stand(never_apps=["delivery"])
    making = {"kind": Kind.RESOLVE, "action": "write"}
    shop.registered["delivery"] = shop.book.register("delivery", TRIPLES, at=STARTED + 2)
    shop.look("delivery", ADDRESS, app="delivery", **making)
    assert shop.said() is None
    shop.look("delivery", EMAIL, app="delivery", **making)
    assert shop.said() == "no-clause"
    shop.book.entries.pop()
    shop.look("delivery", app="delivery", kind=Kind.RESOLVE)
    assert shop.said() == "never-app"
    shop.book.entries.pop()
    shop.look("delivery", app="delivery", kind=Kind.RESOLVE, asked=None)
    assert shop.said() == "undecidable: action-untold"


def test_who_asks_whether_it_may_reach_somebody_is_held_to_the_same_rules(shop):
    shop.book.consent("marketing", [EMAIL])
    shop.look(kind=Kind.MAY_REACH)
    assert shop.said() is None
    shop.look(kind=Kind.MAY_REACH, action="append")
    assert shop.said() == "wrong-action"
    shop.book.entries.pop()
    shop.book.stand(quiet="11:00-13:00 UTC", at_most=1)
    shop.look(kind=Kind.MAY_REACH)
    assert shop.said() == "quiet-hours"


def test_the_key_is_never_needed_to_say_what_was_found(shop):
    shop.look()
    report = shop.book.replay()
    assert AUDIT_KEY.hex() not in repr(report)
