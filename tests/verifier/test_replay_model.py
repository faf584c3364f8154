"""The replay and `decide` agree about what is permitted, each from its own reading of the rules."""

from collections import Counter
from dataclasses import replace
from typing import Any

from policies.decide import Allow, decide
from policies.model import ActorKind, StaffRole
from policies.reasons import Reason
from tests.policies.generated import FIELDS, NOW, PURPOSES, case
from tests.verifier.replayed import Book, draft_of

QUESTIONS = 800  # each is a log of its own, written and read
CLAUSES = (*PURPOSES, "own", "notice", "erasure", "hold")
# What stands in no entry: rows that are broken, a customer who is not there.
UNSEEN = {Reason.DAMAGED, Reason.STANDING_BROKEN, Reason.CONSENT_BROKEN, Reason.UNKNOWN_CUSTOMER}


def seen_in_a_log(seed):
    """A case without what no log tells: all rows are good, and nobody but the customer is there."""
    code, question, situation = case(seed)
    consents = {
        purpose: replace(one, purpose=purpose, intact=True)
        for purpose, one in situation.consents.items()
    }
    situation = replace(
        situation, known=True, intact=True, damaged=frozenset(), consents=consents, held=frozenset()
    )
    # Nobody with a purpose has the customer there; whose app it is, is what the actor says.
    present = question.present and question.kind is ActorKind.CUSTOMER
    role = question.role or StaffRole.ADMIN  # every member of staff has one, and the log tells it
    return code, replace(question, present=present, role=role), situation


def logged(code, question, situation):
    """A log that brought about the situation."""
    book = Book()
    book.publish(code)
    registration = book.register(question.app or "", question.registration)
    book.staff(question.role.value)
    for name in FIELDS:
        book.value(name, "third-party" if name in situation.untold else "told")
    for purpose, one in situation.consents.items():
        book.consent(purpose, one.fields, state=one.state.value, until=one.until)
    terms = {
        "never_purposes": situation.terms.never_purposes,
        "never_apps": situation.terms.never_apps,
        "ask_each_time": situation.terms.ask_each_time,
        "never_channels": situation.terms.never_channels,
        "restricted_fields": situation.terms.restricted_fields,
        "contested": situation.terms.contested,
    }
    stated: dict[str, Any] = {name: sorted(several) for name, several in terms.items() if several}
    stated |= {
        name: True
        for name in ("paused", "no_profiling", "no_sharing")
        if getattr(situation.terms, name)
    }
    if situation.terms.child_until:
        stated["child_until"] = situation.terms.child_until
    if situation.quiet:
        stated["quiet"] = "00:00-00:30 UTC"  # it is one second past midnight, of 1970
    book.stand(flags=int(situation.restricted), objections=situation.objections, **stated)
    return book, registration


def reasons(code, question, situation, allowed):
    """What the replay says of one entry that allows this; and what it does not know."""
    book, registration = logged(code, question, situation)
    place = book.add(draft_of(book, question, allowed, registration=registration, at=NOW), at=NOW)
    report = book.replay()
    assert not report.undecidable, report.why
    return {one.name: one.reason for one in report.disagreements if one.place == place}


def might(question, name):
    """The clauses that an entry could name to pass for right."""
    works_out = question.kind is ActorKind.VAULT and question.purpose is not None
    with_purpose = works_out or question.kind in {ActorKind.APP, ActorKind.STAFF}
    return [question.purpose or ""] if with_purpose else [f"field/{name}", *CLAUSES]


def test_it_agrees_with_decide_about_each_name():
    outcomes: Counter[str] = Counter()
    for seed in range(QUESTIONS):
        code, question, situation = seen_in_a_log(seed)
        verdicts = decide(code, question, situation)
        good = [(n, v.clause) for n, v in verdicts.items() if isinstance(v, Allow)]
        assert reasons(code, question, situation, good) == {}, seed
        for name, verdict in verdicts.items():
            if isinstance(verdict, Allow):
                outcomes["allowed"] += 1
                continue
            # A denial that the entry calls permitted is found, whatever clause it names.
            bad = [(name, clause) for clause in might(question, name)]
            found = [reasons(code, question, situation, [one]) for one in bad]
            assert all(found), (seed, name, verdict.reason, found)
            outcomes[verdict.reason.value] += 1
    assert outcomes["allowed"] > QUESTIONS / 2
    assert {Reason(one) for one in outcomes if one != "allowed"} >= {
        Reason.NOT_ASKED, Reason.WITHDRAWN, Reason.EXPIRED, Reason.NOT_TICKED, Reason.PAUSED,
        Reason.CHILD, Reason.NEVER_APP, Reason.NEVER_PURPOSE, Reason.RESTRICTED, Reason.OBJECTED,
        Reason.OUTSIDE_TOKEN, Reason.NOT_REGISTERED, Reason.NOT_TOLD, Reason.NO_CLAUSE,
        Reason.QUIET_HOURS, Reason.NEVER_CHANNEL, Reason.NO_SHARING, Reason.ASK_EACH_TIME,
        Reason.NOT_RECIPIENT, Reason.NO_PROFILING, Reason.CONTESTED, Reason.WRONG_SOURCE, Reason.UNKNOWN_FIELD,
    }  # fmt: skip
    assert not UNSEEN & {Reason(one) for one in outcomes if one != "allowed"}
