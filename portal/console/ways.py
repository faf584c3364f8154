"""List every way into the console: its path, what it answers, and which right it needs.

The one table below feeds the guard, the menu and the test that walks each route as each role. What
is not in it does not exist.
"""

from typing import Final

from portal.console.door import ConsoleWay
from portal.console.pages import (
    alerts,
    apps,
    barrier,
    code,
    contact,
    contacts,
    customer,
    customers,
    follow_up,
    follow_ups,
    hold,
    holds,
    home,
    language,
    log,
    log_entry,
    nowhere,
    numbers,
    proposals,
    record,
    request,
    requests,
    retention,
    sign_in,
    staff,
    surveys,
)
from portal.language import N_
from vault.core.staff import Right

WAYS: Final[tuple[ConsoleWay, ...]] = (
    ConsoleWay("/console", home.show),
    ConsoleWay(
        "/console/requests",
        requests.show,
        right=Right.SEE_REQUESTS,
        entry=N_("Requests"),
        about=N_("What customers asked for, and by when an answer is owed."),
    ),
    ConsoleWay(
        "/console/requests/{number}",
        request.show,
        request.act,
        right=Right.SEE_REQUESTS,
        post_right=Right.WORK_REQUESTS,
    ),
    ConsoleWay(
        "/console/follow-ups",
        follow_ups.show,
        right=Right.SEE_FOLLOW_UPS,
        entry=N_("Follow-ups"),
        about=N_("What has to follow a contact, whose it is, and by when; customers settle it."),
    ),
    ConsoleWay(
        "/console/follow-ups/{number}",
        follow_up.show,
        follow_up.act,
        right=Right.WORK_FOLLOW_UPS,
    ),
    ConsoleWay(
        "/console/customers",
        customers.ask,
        customers.find,
        right=Right.SEE_VALUES,
        entry=N_("A customer"),
        about=N_("Look at one customer's details, for a case and a purpose."),
    ),
    ConsoleWay("/console/customers/{look}", customer.show, right=Right.SEE_VALUES),
    ConsoleWay("/console/customers/{look}/contacts", contacts.show, right=Right.SEE_VALUES),
    # Before the events: no token is called this.
    ConsoleWay(
        "/console/customers/{look}/contacts/new", contact.ask, contact.add, right=Right.SEE_VALUES
    ),
    ConsoleWay(
        "/console/customers/{look}/contacts/{event}/attachments/{number}",
        contacts.fetch,
        right=Right.SEE_VALUES,
    ),
    ConsoleWay(
        "/console/log",
        log.show,
        right=Right.SEARCH_LOG,
        entry=N_("Access log"),
        about=N_("Each look and each change, by app, purpose, clause, decision, time and case."),
    ),
    ConsoleWay("/console/log.csv", log.csv, right=Right.SEARCH_LOG),
    ConsoleWay("/console/log.ndjson", log.ndjson, right=Right.SEARCH_LOG),
    # Before the entries: none is called this.
    ConsoleWay("/console/log/barrier", barrier.show, right=Right.SEE_RECORDS),
    ConsoleWay("/console/log/{index}", log_entry.ask, log_entry.lead, right=Right.SEARCH_LOG),
    ConsoleWay("/console/log/{index}/{look}", log_entry.show, right=Right.SEARCH_LOG),
    ConsoleWay(
        "/console/alerts",
        alerts.show,
        alerts.see,
        right=Right.SEE_RECORDS,
        post_right=Right.SEARCH_LOG,
        entry=N_("Alerts"),
        about=N_("Sweeps and spikes: what the access log has more of than usual."),
    ),
    ConsoleWay(
        "/console/apps",
        apps.show,
        right=Right.SEE_APPS,
        entry=N_("Apps"),
        about=N_("What each app may read, what it used of that, its budget and its review."),
    ),
    ConsoleWay(
        "/console/apps/{app}",
        apps.show_one,
        apps.freeze,
        right=Right.SEE_APPS,
        post_right=Right.FREEZE_APP,
    ),
    ConsoleWay(
        "/console/code",
        code.show,
        right=Right.SEE_CODE,
        entry=N_("Code of ethics"),
        about=N_("The version in force, those before, and what is proposed."),
    ),
    ConsoleWay(
        "/console/code/draft",
        code.write,
        code.check,
        right=Right.PROPOSE_CODE,
        max_form=code.MAX_DRAFT,
    ),
    ConsoleWay(
        "/console/proposals",
        proposals.show,
        proposals.ask,
        right=Right.SEE_PROPOSALS,
        post_right=Right.PROPOSE_APP,
        entry=N_("Proposals"),
        about=N_("What needs a second person: the code of ethics, apps and staff."),
    ),
    ConsoleWay(
        "/console/proposals/{number}", proposals.one, proposals.act, right=Right.SEE_PROPOSALS
    ),
    ConsoleWay(
        "/console/proposals/{number}/decide",
        proposals.ask_decision,
        proposals.decide,
        right=Right.DECIDE,
        fresh=True,
    ),
    ConsoleWay(
        "/console/retention",
        retention.show,
        right=Right.SEE_RECORDS,
        entry=N_("How long we keep things"),
        about=N_("What is kept how long, what is over and waits, and what is kept all the same."),
    ),
    ConsoleWay(
        "/console/holds",
        holds.show,
        right=Right.HOLD,
        entry=N_("Legal holds"),
        about=N_("What must not be deleted for a time, on which ground and until when."),
    ),
    ConsoleWay("/console/holds/new", holds.ask, holds.make, right=Right.HOLD),
    ConsoleWay("/console/holds/{hold}", hold.show, right=Right.HOLD),
    ConsoleWay("/console/holds/{hold}/lift", hold.ask, hold.lift, right=Right.HOLD),
    ConsoleWay(
        "/console/record",
        record.show,
        right=Right.SEE_RECORDS,
        entry=N_("Record of processing"),
        about=N_("What is done with personal data, by whom and why, as the law wants it written."),
    ),
    ConsoleWay("/console/record.csv", record.csv, right=Right.SEE_RECORDS),
    ConsoleWay(
        "/console/numbers",
        numbers.show,
        right=Right.SEE_RECORDS,
        entry=N_("Numbers"),
        about=N_("Who allows what, what apps asked for and what customers get: without a name."),
    ),
    ConsoleWay("/console/numbers.csv", numbers.csv, right=Right.SEE_RECORDS),
    ConsoleWay(
        "/console/surveys",
        surveys.show,
        right=Right.SEE_RECORDS,
        entry=N_("Surveys"),
        about=N_("What customers answered, counted: never fewer than a group."),
    ),
    ConsoleWay("/console/surveys.csv", surveys.csv, right=Right.SEE_RECORDS),
    ConsoleWay(
        "/console/staff",
        staff.show,
        staff.invite,
        right=Right.SEE_STAFF,
        post_right=Right.PROPOSE_STAFF,
        entry=N_("Staff"),
        about=N_("Who is staff, in which role, and who is invited."),
    ),
    ConsoleWay("/console/staff/{handle}", staff.one, staff.change, right=Right.PROPOSE_STAFF),
    ConsoleWay(
        "/console/looks",
        log.own,
        entry=N_("Your looks"),
        about=N_("What you looked at, as the access log has it."),
    ),
    ConsoleWay("/console/sign-in", sign_in.ask, sign_in.send, signed_in=False, asks_in=True),
    ConsoleWay(
        "/console/sign-in/code", sign_in.ask_code, sign_in.confirm, signed_in=False, asks_in=True
    ),
    ConsoleWay(
        "/console/sign-in/link/{token}",
        sign_in.ask_link,
        sign_in.confirm_link,
        signed_in=False,
        asks_in=True,
    ),
    ConsoleWay(
        "/console/enrol/{token}", sign_in.ask_enrol, sign_in.enrol, signed_in=False, asks_in=True
    ),
    ConsoleWay("/console/sign-out", post=sign_in.sign_out, signed_in=False, leaves=True),
    ConsoleWay("/console/signed-out", sign_in.signed_out, signed_in=False),
    ConsoleWay("/console/language", post=language.choose, signed_in=False, unbound=True),
)
# Every other address of the console, which nobody is told from one of another role.
NOWHERE: Final = ConsoleWay("/console/{rest:path}", nowhere.show, nowhere.show)
