"""An entry's bytes: whatever is written once for many, each is what it would be alone."""

import json
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.services.logbook import AUDIT_KEY, CODE, CUSTOMER, ORIGIN
from vault.core import canonical
from vault.core.entry import HEADER_BYTES, Kind, parse, plain_veil
from vault.core.errors import CanonicalError, FormatError, TooLargeError
from vault.core.ids import NOBODY, CustomerId, LogId
from vault.crypto import entry as cipher
from vault.crypto.random import Chances
from vault.services.draft import Asked, ConsentChange, Draft, StandingNow, SystemDraft
from vault.services.entry import CHANCE_BYTES, Place, say, write
from vault.store import log_facts

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
NAME = st.none() | TEXT.filter(lambda name: "\0" not in name)
PAIRS = st.lists(st.tuples(TEXT, TEXT), max_size=4).map(tuple)
NUMBER = st.integers(0, canonical.MAX_INTEGER)
CHANGES = st.builds(
    ConsentChange, TEXT, TEXT, st.lists(TEXT, max_size=3).map(tuple), NUMBER,
    st.none() | NUMBER, st.none() | TEXT, TEXT,
)  # fmt: skip
STANDING = st.builds(StandingNow, NUMBER, st.just('["support"]'), st.just('{"paused":true}'))

DRAFTS = st.builds(
    Draft,
    customer=st.uuids().map(CustomerId),
    audit_key=st.binary(min_size=32, max_size=32),
    kind=st.sampled_from([kind for kind in Kind if kind < Kind.BOOT]),
    epoch=NUMBER,
    actor=TEXT,
    code=st.sampled_from([CODE, "", "0a" * 32]),
    app=NAME,
    purpose=NAME,
    allowed=PAIRS,
    withheld=PAIRS,
    registration=st.none() | TEXT,
    ceiling=st.none() | st.lists(st.tuples(TEXT, TEXT, TEXT), max_size=4).map(tuple),
    token=st.none() | TEXT,
    request=st.none() | TEXT,
    case=NAME,
    handle=NAME,
    values=PAIRS,
    sources=PAIRS,
    consent=st.none() | CHANGES,
    standing=st.none() | STANDING,
    asked=st.none() | st.builds(Asked, TEXT, NUMBER, st.none() | TEXT),
    at=st.none() | NUMBER,
    listed=st.booleans(),
)


def members(draft, salt):
    """What docs/formats.md says stands in a payload, each member where it is needed."""
    said = {
        "v": 1,
        "kind": int(draft.kind),
        "customer": str(draft.customer),
        "actor": draft.actor,
        "app": draft.app,
        "purpose": draft.purpose,
        "code": draft.code,
        "epoch": draft.epoch,
        "salt": salt.hex(),
        "request": draft.request,
        "case": draft.case,
        "allowed": draft.allowed,
        "withheld": draft.withheld,
        "registration": draft.registration,
        "ceiling": draft.ceiling,
        "token": draft.token,
    }
    if draft.values:
        said["values"] = draft.values
    if draft.sources:
        said["sources"] = draft.sources
    if draft.consent:
        change = draft.consent
        said["consent"] = {
            "state": change.state,
            "purpose": change.purpose,
            "fields": change.fields,
            "from": change.from_ms,
            "until": change.until_ms,
            "shown": change.shown,
            "digest": change.digest,
        }
    if draft.standing:
        terms = {"objections": ["support"], "terms": {"paused": True}}
        said["standing"] = {"flags": draft.standing.flags, **terms}
    if draft.asked:
        role = {"role": draft.asked.role} if draft.asked.role else {}
        said["asked"] = {"action": draft.asked.action, "at": draft.asked.at, **role}
    return canonical.dumps(said)


@given(DRAFTS, st.integers(0, 2**16 - 1), st.integers(0, 999), NUMBER)
def test_an_entry_is_the_canonical_form_of_its_draft_at_its_place(draft, log_id, part, seen):
    place = Place(LogId(log_id), ORIGIN, UUID(int=9), 7, part, 1_000, 5, seen)
    said = say(draft)
    fact = said.fact
    assert fact is not None
    entry = write(said, place)
    header, sealed = parse(entry)
    payload = cipher.open_payload(draft.audit_key, entry[:HEADER_BYTES], ORIGIN, sealed)
    assert payload == said.payload == members(draft, fact.salt)
    counts: dict[str, Any] = {"allowed": len(draft.allowed), "withheld": len(draft.withheld)}
    named: dict[str, Any] = {
        "kind": draft.kind,
        "app": draft.app,
        "purpose": draft.purpose,
        "code": draft.code,
    }
    assert header.facts == cipher.facts(fact.salt, **named, **counts)
    mask = cipher.mask(draft.audit_key, log_id, header.writer, 7, part)
    veil = bytes(a ^ b for a, b in zip(header.veil, mask[16:25], strict=True))
    assert (header.tag, veil) == (mask[:16], plain_veil(draft.kind, draft.epoch))
    where = (header.log_id, header.writer, header.seq, header.part, header.parts)
    assert where == (log_id, UUID(int=9).bytes, 7, part, 1_000)
    assert (header.at, header.seen) == (5, seen)
    assert said.owner == (draft.customer if draft.listed else NOBODY)
    assert said.names == {name for name, _ in draft.allowed}
    clauses = tuple(sorted({clause for _, clause in draft.allowed}))
    assert fact._asdict() == {
        "salt": fact.salt, "clauses": clauses, "handle": draft.handle, "case": draft.case,
        **named, **counts,
    }  # fmt: skip


@given(st.lists(DRAFTS, max_size=3), st.integers(0, 1))
def test_facts_wait_in_the_outbox_as_canonical_json_and_come_back(drafts, nobody):
    facts = [say(draft).fact for draft in drafts] + [None] * nobody
    whole = [fact and fact._asdict() | {"salt": fact.salt.hex()} for fact in facts]
    text = log_facts.dumps(facts)
    assert text.encode() == canonical.dumps(whole)
    assert list(log_facts.loads(text)) == facts
    # And spelled in another way, as nobody writes them.
    assert list(log_facts.loads(json.dumps(whole, indent=1))) == facts


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace('"salt":"', '"salt":"zz'),
        lambda text: text.replace('"salt":"', '"salt":" '),
        lambda text: text.replace('"salt":', '"salt":null,"salt":'),
        lambda text: text.replace('"salt"', '"pepper"'),
        lambda text: text[:-1],
        lambda text: text[1:-1],
        lambda text: text.replace('"kind":1', '"kind":1.5'),
        lambda text: text.replace('"kind":1', '"kind":1,"more":2'),
        lambda _: '["salt":"',
        lambda _: '"salt":"' + "0" * 32 + '"',
        lambda _: "",
    ],
)
def test_facts_that_nobody_wrote_are_refused(change):
    text = log_facts.dumps([say(look()).fact])
    assert len(log_facts.loads(text)) == 1
    with pytest.raises(FormatError):
        log_facts.loads(change(text))


def look(**changes):
    known: dict[str, Any] = {"kind": Kind.READ, "epoch": 1, "actor": "app:shop", "code": CODE}
    return Draft(CustomerId(CUSTOMER), AUDIT_KEY, **known | changes)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"audit_key": b""}, ValueError),
        ({"epoch": 2**53}, CanonicalError),
        ({"epoch": 1.0}, CanonicalError),
        ({"request": 1.5}, CanonicalError),
        ({"request": "\ud800"}, CanonicalError),
        ({"token": b"x"}, CanonicalError),
        ({"case": "x" * 201}, TooLargeError),
        ({"app": "a\0"}, TooLargeError),
        ({"code": "no digest"}, FormatError),
        ({"allowed": (("a", 1.5),)}, (CanonicalError, TypeError)),
        ({"asked": Asked("read", 1.5)}, CanonicalError),  # type: ignore[arg-type]
        ({"at": -1}, FormatError),
        ({"at": 2**63}, FormatError),
        ({"at": "now"}, TypeError),
        ({"kind": 256}, FormatError),
        ({"values": (("v" * 36, "d" * 64),) * 700}, TooLargeError),
    ],
)
def test_what_has_no_place_in_the_log_is_not_even_said(changes, error):
    known = say(look())  # what was written for good ones lets no bad one pass
    with pytest.raises(error):
        say(look()._replace(**changes))
    assert say(look()).length == known.length


def test_an_entry_of_the_system_says_its_members_in_clear():
    draft = SystemDraft(Kind.BOOT, (("version", "1"), ("code", "")))
    said = say(draft)
    place = Place(LogId(0), ORIGIN, UUID(int=9), 0, 0, 1, 5, 3)
    header, payload = parse(write(said, place))
    assert payload == b'{"code":"","kind":64,"v":1,"version":"1"}'
    assert (header.tag, header.veil, header.facts) == (bytes(16), bytes(9), bytes(32))
    with pytest.raises(FormatError):
        say(SystemDraft(Kind.BOOT, (), at=-1))
    with pytest.raises(TooLargeError):
        say(SystemDraft(Kind.BOOT, (("version", "x" * 70_000),)))


def test_the_entries_of_a_page_share_one_draw_of_chance_and_no_byte_of_it():
    count = 40
    chances = Chances(count * CHANCE_BYTES)
    place = Place(LogId(0), ORIGIN, UUID(int=9), 0, 0, 1, 5, 3)
    salts = []
    for _ in range(count):
        said = say(look(), chances)
        assert said.fact is not None
        sealed = write(said, place, chances)[HEADER_BYTES:]
        salts += [said.fact.salt, sealed[:24]]
    assert chances._place == len(chances._drawn)  # as many as a page of so many draws
    assert len({salt[:16] for salt in salts}) == 2 * count
    assert write(say(look(), chances), place, chances) != write(
        say(look(), chances), place, chances
    )
