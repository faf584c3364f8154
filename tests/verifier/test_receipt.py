"""The offline check of consent receipts: good ones hold, anything changed fails."""

import hashlib
import json
import subprocess
import sys
from dataclasses import replace
from uuid import UUID

import pytest

from policies import vocabulary
from policies.model import ConsentState
from tests.core.rulebooks import PURPOSES, purpose, read, rulebook, texts
from vault.core import canonical, consent_record, notice
from vault.core import receipt as written
from vault.core.consent import Consent
from vault.core.consent_record import Decision, Evidence, NoticeShown
from vault.core.receipt import LogPlace
from vault.crypto import jws
from vault.crypto.signing import SigningKey
from vault.verifier import receipt
from vault.verifier.__main__ import main
from vault.verifier.errors import BadError, CannotTellError

ISSUER = "https://vault.example"
SIGNER = SigningKey(bytes(range(32)))
OTHER = SigningKey(bytes(range(1, 33)))
RULEBOOK = rulebook()
NOTICE = notice.render(RULEBOOK, "newsletter")
KEYS = {"keys": [SIGNER.jwk.export() | {"valid_from": "2026-11-01T00:00:00.000Z"}]}
KEYS_FILE = json.dumps(KEYS, indent=1).encode()


def decision(**changes):
    consent = Consent(
        purpose="newsletter",
        state=ConsentState.GIVEN,
        fields=frozenset({"contact.email", "person.name"}),
        from_ms=1_793_527_200_120,
        until_ms=1_825_063_200_120,
        code=RULEBOOK.digest,
        shown=notice.digest(NOTICE),
    )
    given: dict = {
        "record_id": UUID("019a0000-0000-7000-8000-000000000001"),
        "consent": replace(consent, **changes.pop("consent", {})),
        "epoch": 3,
        "principal": "ujhzfcbtritvrzypnic2uv6eky",
        "language": "en",
        "notice": NoticeShown("consent-1", ("allow", "refuse", "later")),
        "method": "allow button",
    } | changes
    return Decision(**given)


def payload(book=RULEBOOK, **changes):
    record = consent_record.write(book, decision(**changes), issuer=ISSUER, in_force=book)
    return written.payload(
        record,
        issuer=ISSUER,
        receipt_id=UUID("019a0000-0000-7000-8000-0000000000ff"),
        created_ms=1_793_527_200_500,
        place=LogPlace("vault.example/log", UUID(int=7), 42),
    )


def sign(signed, *, key=SIGNER, header=None):
    header = {"kid": SIGNER.jwk.jkt, "typ": written.TYP} if header is None else header
    return written.with_signature(signed, jws.sign_detached(key, signed, header=header))


GOOD = sign(payload())


def check(data=GOOD, *, keys: bytes | None = KEYS_FILE, shown: bytes | None = NOTICE):
    return receipt.check(data, keys=keys, notice=shown)


def test_a_good_receipt_says_what_was_decided_then():
    found = check()
    assert found == receipt.Receipt(
        issuer=ISSUER,
        purposes=("Newsletter",),
        state="ConsentGiven",
        at="2026-11-01T10:00:00.120Z",
        record_digest=hashlib.sha256(canonical.dumps(json.loads(GOOD)["record"])).hexdigest(),
        notice=notice.digest(NOTICE),
    )


@pytest.mark.parametrize("state", ConsentState)
def test_receipts_of_every_state_hold(state):
    assert check(sign(payload(consent={"state": state}))).state == vocabulary.STATES[state]


def test_the_layout_of_the_file_does_not_matter():
    assert check(json.dumps(json.loads(GOOD), indent=2).encode()) == check()


def test_no_byte_of_a_receipt_can_be_changed():
    # Every byte of the signature; elsewhere one of five, each time another bit.
    signed = GOOD.rindex(b'"signature"')
    for place in (*range(0, signed, 5), *range(signed, len(GOOD))):
        changed = bytearray(GOOD)
        changed[place] ^= 1 << place % 8
        with pytest.raises(BadError):
            check(bytes(changed))


def test_no_byte_of_a_notice_can_be_changed():
    for place in range(0, len(NOTICE), 5):
        changed = bytearray(NOTICE)
        changed[place] ^= 1 << place % 8
        with pytest.raises(BadError, match="notice"):
            check(shown=bytes(changed))


def test_a_receipt_cut_anywhere_is_bad():
    for length in range(0, len(GOOD), 97):
        with pytest.raises(BadError):
            check(GOOD[:length])


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b" " * 262_145, "larger"),
        (b"[]", "receipt"),
        (b"null", "receipt"),
        (b"\xff", "JSON"),
        (b"\xef\xbb\xbf" + GOOD, "JSON"),
        (GOOD.replace(b'"signature":', b'"signature":"a..b","signature":'), "JSON"),
        (GOOD.replace(b'"seq":42', b'"seq":42.0'), "JSON"),
        (GOOD.replace(b'"seq":42', b'"seq":NaN'), "JSON"),
        (GOOD.replace(b'"seq":42', b'"seq":9007199254740993'), "counts"),
        (GOOD.replace(b'"seq":42', b'"seq":' + b"[" * 40 + b"]" * 40), "nests"),
        (b"[" * 200_000, "JSON"),
        (GOOD.replace(b'"seq":42', b'"\xc3\xa9":1,"seq":42'), "JSON"),
        (GOOD.replace(b'"language":"en"', b'"language":"\\ud800"'), "character"),
    ],
)
def test_what_can_be_read_in_two_ways_is_refused(data, why):
    with pytest.raises(BadError, match=why):
        check(data)


@pytest.mark.parametrize(
    ("header", "why"),
    [
        ({}, "header"),
        ({"kid": SIGNER.jwk.jkt}, "header"),
        ({"kid": SIGNER.jwk.jkt, "typ": "JWT"}, "none of the keys"),
        ({"kid": OTHER.jwk.jkt, "typ": written.TYP}, "none of the keys"),
        ({"kid": SIGNER.jwk.jkt, "typ": written.TYP, "jku": "https://x"}, "header"),
        ({"kid": SIGNER.jwk.jkt, "typ": written.TYP, "crit": ["b64"], "b64": False}, "header"),
        ({"kid": 1, "typ": written.TYP}, "kid"),
    ],
)
def test_another_header_is_refused(header, why):
    with pytest.raises(BadError, match=why):
        check(sign(payload(), header=header))


def test_another_key_under_the_same_name_is_refused():
    with pytest.raises(BadError, match="not that of this receipt"):
        check(sign(payload(), key=OTHER))


def signature(change):
    document = json.loads(GOOD)
    document["signature"] = change(document["signature"])
    return canonical.dumps(document)


@pytest.mark.parametrize(
    "change",
    [
        lambda text: "",
        lambda text: text + ".",
        lambda text: text.replace("..", ".e30."),
        lambda text: text.replace("..", "."),
        lambda text: text[:-1],
        lambda text: text + "=",
        lambda text: text[:-1] + chr(ord(text[-1]) + 1),  # spare bits
        lambda text: "é" + text,
        lambda text: "bnVsbA.." + text.split("..")[1],  # null
    ],
)
def test_a_signature_in_another_form_is_refused(change):
    with pytest.raises(BadError):
        check(signature(change))


def without(*path):
    document = json.loads(payload())
    holder = document
    for name in path[:-1]:
        holder = holder[name]
    del holder[path[-1]]
    return sign(canonical.dumps(document))


PROCESS = ("record", "pii_processing", 0)
MANDATORY = [
    *((name,) for name in ("schema_version", "receipt_id", "record", "log", "@context", "created")),
    ("@id",),
    *(
        ("record", name)
        for name in (
            "record_id",
            "pii_principal_id",
            "language",
            "privacy_notice",
            "pii_processing",
            "parties",
            "events",
        )
    ),
    *(
        (*PROCESS, name)
        for name in (
            "purpose",
            "lawful_basis",
            "pii_information",
            "pii_controllers",
            "storage_locations",
            "retention_period",
            "jurisdiction",
            "recipient_third_parties",
            "withdrawal_method",
        )
    ),
    (*PROCESS, "purpose", "label"),
    (*PROCESS, "pii_information", 0, "pii_type"),
    *(
        ("record", "parties", 0, name)
        for name in ("party_id", "party_name", "party_address", "party_contact", "party_type")
    ),
    ("record", "parties", -1, "party_id"),
    *(
        ("record", "events", 0, name)
        for name in ("event_time", "validity_duration", "entity_id", "event_type", "event_state")
    ),
    ("record", "privacy_notice", 0, "sha256"),
]


@pytest.mark.parametrize("path", MANDATORY, ids=lambda path: ".".join(map(str, path)))
def test_a_signed_receipt_without_a_mandatory_field_is_refused(path):
    with pytest.raises(BadError):
        check(without(*path))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"#ConsentGiven", b"#ConsentTerminated"),
        (b"/dpv#Process", b"/dpv/next#Process"),
        (b"consent-receipt/1", b"consent-receipt/2"),
        (b"https://vault.example/schema", b"gopher://vault.example/schema"),
        (b'"2026-11-01T10:00:00.120Z"', b'"yesterday"'),
        (b'"2026-11-01T10:00:00.500Z"', b'"2026-11-01T10:00:00Z"'),
        (b"/receipts/019a", b"/receipts/019b"),
        (notice.digest(NOTICE).encode(), b"0" * 63),
        (b'"parties":[', b'"parties":[1,'),
    ],
)
def test_a_signed_receipt_that_says_something_else_is_refused(old, new):
    changed = payload().replace(old, new)
    assert changed != payload()
    with pytest.raises(BadError):
        check(sign(canonical.dumps(json.loads(changed))))


def test_evidence_must_be_what_the_receipt_names():
    evidence = Evidence("paper form 17", "Yes.", 1_793_527_200_120, "f" * 64)
    shown = NoticeShown("evidence", evidence=evidence)
    good = payload(notice=shown, consent={"shown": evidence.digest()})
    assert check(sign(good), shown=None).notice is None
    forged = canonical.dumps(json.loads(good.replace(b'"Yes."', b'"No."')))
    with pytest.raises(BadError, match="evidence"):
        check(sign(forged), shown=None)


def test_without_keys_nobody_can_tell():
    with pytest.raises(CannotTellError, match="--keys"):
        check(keys=None)
    with pytest.raises(BadError):
        check(b"{}", keys=None)


@pytest.mark.parametrize(
    "keys",
    [
        b"",
        b"[]",
        b"{}",
        b'{"keys":[]}',
        b'{"keys":[1]}',
        b'{"keys":[{"kty":"OKP","crv":"Ed25519"}]}',
        b'{"keys":[{"kty":"OKP","crv":"Ed25519","x":"AA"}]}',
        json.dumps({"keys": [SIGNER.jwk.export() | {"valid_from": "soon"}]}).encode(),
        json.dumps({"keys": [SIGNER.jwk.export() | {"valid_until": 1}]}).encode(),
    ],
)
def test_with_a_key_set_that_cannot_be_read_nobody_can_tell(keys):
    with pytest.raises(CannotTellError, match="key set"):
        check(keys=keys)


def keys_with(**changes):
    return json.dumps({"keys": [SIGNER.jwk.export() | changes]}).encode()


def test_a_key_signs_only_while_it_is_valid():
    retired = "2026-11-01T10:00:00.500Z"
    assert check(keys=keys_with())
    assert check(keys=keys_with(valid_from=retired, valid_until=retired))
    with pytest.raises(BadError, match="older"):
        check(keys=keys_with(valid_from="2026-11-01T10:00:00.501Z"))
    with pytest.raises(BadError, match="retired"):
        check(keys=keys_with(valid_until="2026-11-01T10:00:00.499Z"))


def test_a_key_is_known_by_its_thumbprint_and_not_by_what_a_set_calls_it():
    renamed = json.dumps({"keys": [OTHER.jwk.export(kid=SIGNER.jwk.jkt)]}).encode()
    with pytest.raises(BadError, match="none of the keys"):
        check(keys=renamed)


def test_keys_of_other_kinds_are_left_out():
    both = {"keys": [{"kty": "EC", "crv": "P-256"}, *KEYS["keys"]]}
    assert check(keys=json.dumps(both).encode())


# --- the command --------------------------------------------------------------------------------


@pytest.fixture
def files(tmp_path):
    for name, data in (
        ("receipt", GOOD),
        ("keys", KEYS_FILE),
        ("notice", NOTICE),
        ("bad", GOOD[:-9]),
    ):
        (tmp_path / name).write_bytes(data)
    return tmp_path


def test_the_command_tells_good_bad_and_cannot_tell_apart(files, capsys):
    keys, shown = ["--keys", str(files / "keys")], ["--notice", str(files / "notice")]
    assert main(["receipt", str(files / "receipt"), *keys, *shown]) == 0
    said = capsys.readouterr().out
    assert "ConsentGiven" in said
    assert "A decision then, not today's state." in said
    assert "promise only" in said
    assert main(["receipt", str(files / "receipt"), *keys]) == 0
    assert "No notice was checked." in capsys.readouterr().out
    assert main(["receipt", str(files / "bad"), *keys]) == 1
    assert main(["receipt", str(files / "receipt"), *keys, "--notice", str(files / "keys")]) == 1
    assert main(["receipt", str(files / "receipt")]) == 2
    assert main(["receipt", str(files / "missing"), *keys]) == 2


def test_what_a_receipt_says_moves_no_cursor(files, capsys):
    odd = purpose("newsletter", read("contact.email"), label=texts("\x1b[2J\u202eNews"))
    others = tuple(one for one in PURPOSES if one.id != "newsletter")
    (files / "odd").write_bytes(sign(payload(book=rulebook(purposes=(odd, *others)))))
    assert main(["receipt", str(files / "odd"), "--keys", str(files / "keys")]) == 0
    assert "?[2J?News" in capsys.readouterr().out


def test_the_command_runs_as_a_process_of_its_own(files):
    command = [sys.executable, "-m", "vault.verifier", "receipt", "-", "--keys", files / "keys"]
    done = subprocess.run(command, input=GOOD, capture_output=True)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.startswith(b"GOOD: signed by https://vault.example")
