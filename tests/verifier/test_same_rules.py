"""The vault's own check of receipts and the independent one come to the same end."""

import copy
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.model import ConsentState
from tests.verifier.test_receipt import GOOD, KEYS, KEYS_FILE, NOTICE, OTHER, SIGNER, payload, sign
from vault.core import canonical, notice, receipt_check
from vault.core.errors import CanonicalError
from vault.core.receipt_check import Flaw, ReceiptError
from vault.crypto import receipt_signature
from vault.verifier import receipt
from vault.verifier.errors import BadError

VALID = {name: KEYS["keys"][0].get(name) for name in ("valid_from", "valid_until")}
ODD: tuple = (
    None,
    True,
    0,
    1,
    "",
    "x",
    "https://w3id.org/dpv#x y",
    [],
    {},
    [{}],
    "2026-11-01",
    2**53,
)


def ours(data, *, keys=(SIGNER,), valid=VALID):
    """Check as the portal does; return what is wrong, None for nothing."""
    try:
        claimed = receipt_check.read(data)
        known = {key.jwk.jkt: key.jwk for key in keys}
        receipt_signature.check(claimed.signature, claimed.payload, keys=known)
        receipt_check.check_age(claimed.created, **valid)
    except ReceiptError as error:
        return error.flaw
    return None


def theirs(data, *, keys=KEYS_FILE):
    """Check as an auditor does; False when it is bad."""
    try:
        receipt.check(data, keys=keys)
    except BadError:
        return False
    return True


def places(value, path=()):
    """Every place of a document, the root too."""
    yield path
    if isinstance(value, dict | list):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for key, item in items:
            yield from places(item, (*path, key))


DOCUMENT = json.loads(GOOD)
PLACES = [path for path in places(DOCUMENT) if path]


def changed(path, how, other):
    """Return the document with one place changed, gone, doubled or given another's value."""
    made = copy.deepcopy(DOCUMENT)
    holder = made
    for step in path[:-1]:
        holder = holder[step]
    if how == "gone":
        del holder[path[-1]]
    elif how == "renamed" and isinstance(holder, dict):
        holder[f"{path[-1]}_"] = holder.pop(path[-1])
    elif how == "texted" and isinstance(holder[path[-1]], str):
        holder[path[-1]] += other if isinstance(other, str) else "/"
    else:
        holder[path[-1]] = copy.deepcopy(other)
    return made


MUTATIONS = st.builds(
    changed,
    st.sampled_from(PLACES),
    st.sampled_from(["gone", "renamed", "texted", "set"]),
    st.sampled_from(ODD),
)


def signed_again(document):
    """Sign a changed document with the good key, as a careless signer would."""
    document.pop("signature", None)
    try:
        return sign(canonical.dumps(document))
    except CanonicalError:
        return json.dumps(document).encode()


@given(MUTATIONS)
def test_a_changed_receipt_is_judged_alike(document):
    data = json.dumps(document).encode()
    assert (ours(data) is None) == theirs(data)


@given(MUTATIONS)
def test_a_changed_receipt_that_is_signed_again_is_judged_alike(document):
    data = signed_again(document)
    assert (ours(data) is None) == theirs(data)


@given(st.integers(0, len(GOOD) - 1), st.integers(1, 255))
def test_no_byte_can_be_changed(place, bits):
    data = bytearray(GOOD)
    data[place] ^= bits
    assert ours(bytes(data)) is not None
    assert not theirs(bytes(data))


@given(st.binary(max_size=40))
def test_what_is_no_receipt_is_judged_alike(data):
    assert ours(data) is not None
    assert not theirs(data)


@pytest.mark.parametrize("state", ConsentState)
def test_a_good_receipt_of_every_state_says_the_same_in_both(state):
    data = sign(payload(consent={"state": state}))
    mine, found = receipt_check.read(data), receipt.check(data, keys=KEYS_FILE, notice=NOTICE)
    assert ours(data) is None
    assert (mine.issuer, mine.purposes, mine.state, mine.at, mine.record_digest) == (
        found.issuer,
        found.purposes,
        found.state,
        found.at,
        found.record_digest,
    )
    assert mine.notices == (notice.digest(NOTICE),)


@pytest.mark.parametrize(
    ("data", "flaw"),
    [
        (b" " * 262_145, Flaw.TOO_LARGE),
        (b"{", Flaw.NOT_JSON),
        (b"[]", Flaw.NOT_JSON),
        (GOOD.replace(b'"signature":', b'"signature":"a..b","signature":'), Flaw.NOT_JSON),
        (GOOD.replace(b'"language":"en",', b""), Flaw.LACKS),
        (GOOD.replace(b"/schema/consent-receipt/1", b"/schema/consent-receipt/2"), Flaw.VERSION),
        (GOOD.replace(b"/receipts/019a", b"/receipts/019b"), Flaw.ADDRESS),
        (GOOD.replace(b"#ConsentGiven", b"#ConsentSold"), Flaw.STATE),
        (GOOD.replace(b"10:00:00.120Z", b"10:00:00Z"), Flaw.TIME),
        (GOOD.replace(b"#ExpressedConsent", b"#Expressed Consent"), Flaw.TERM),
        (GOOD.replace(b"Newsletter", b"Newsletters"), Flaw.SIGNATURE),
        (sign(payload(), key=OTHER, header={"kid": OTHER.jwk.jkt, "typ": "x"}), Flaw.SIGNER),
        (sign(payload(), header={"kid": SIGNER.jwk.jkt}), Flaw.SIGNATURE_FORM),
    ],
)
def test_each_flaw_is_named_and_refused_by_both(data, flaw):
    assert ours(data) is flaw
    assert not theirs(data)


def test_a_receipt_older_or_younger_than_its_key_is_refused_by_both():
    for name, moment, flaw in (
        ("valid_from", "2026-12-01T00:00:00.000Z", Flaw.BEFORE_KEY),
        ("valid_until", "2026-10-01T00:00:00.000Z", Flaw.AFTER_KEY),
    ):
        valid = {"valid_from": None, "valid_until": None, name: moment}
        keys = {"keys": [SIGNER.jwk.export() | {name: moment}]}
        assert ours(GOOD, valid=valid) is flaw
        assert not theirs(GOOD, keys=json.dumps(keys).encode())


def test_the_name_of_what_is_missing_is_told_and_nothing_of_the_receipt():
    with pytest.raises(ReceiptError) as caught:
        receipt_check.read(GOOD.replace(b'"language":"en"', b'"language":""'))
    assert (caught.value.flaw, caught.value.name) == (Flaw.LACKS, "language")
    assert "Newsletter" not in str(caught.value)


def test_a_receipt_that_names_an_inference_and_an_assessment_is_good_for_both():
    signed = canonical.loads(payload())
    (process,) = signed["record"]["pii_processing"]
    more = ["https://w3id.org/dpv#Infer", "https://w3id.org/dpv#FullAutomation"]
    process["processing_method"] = [*process["processing_method"], *more]
    process["impact_assessment"] = "https://shop.example/assessments/advice"
    data = sign(canonical.dumps(signed))
    assert ours(data) is None
    assert theirs(data)
