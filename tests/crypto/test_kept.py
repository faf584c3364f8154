"""What the vault keeps sealed beside values: receipts and messages."""

from dataclasses import replace
from uuid import UUID, uuid4

import pytest

from tests.crypto.material import CUSTOMER, DEPLOYMENT, ELSEWHERE, KEK, KEKS, SOMEONE_ELSE, service
from tests.crypto.vectors import flips, load, raw
from vault.core.errors import OpenError
from vault.crypto import context
from vault.crypto.keys import Kind, WrappedKey, new_key
from vault.crypto.mail import open_mail, seal_mail
from vault.crypto.receipt import open_receipt, seal_receipt

AUDIT = new_key(KEKS, CUSTOMER, Kind.AUDIT)


def test_the_receipt_of_the_vectors_opens():
    vector = load("receipt")
    key = WrappedKey(CUSTOMER, Kind.AUDIT, 1, uuid4(), KEK.kek_id, raw(vector["key_blob"]))
    receipt_id = UUID(vector["receipt_id"])
    sealed = raw(vector["sealed"])
    assert open_receipt(KEKS, key, receipt_id, sealed).decode() == vector["receipt"]
    made = context.receipt(DEPLOYMENT, CUSTOMER, receipt_id=receipt_id, header=sealed[:6])
    assert made == raw(vector["context"])


@pytest.mark.parametrize("size", [0, 1, 5000, 40_000])
def test_a_receipt_comes_back_exactly(size):
    receipt_id, text = uuid4(), b"r" * size
    sealed = seal_receipt(KEKS, AUDIT, receipt_id, text)
    assert open_receipt(KEKS, AUDIT, receipt_id, sealed) == text


def test_a_receipt_opens_for_its_customer_and_id_alone():
    receipt_id = uuid4()
    sealed = seal_receipt(KEKS, AUDIT, receipt_id, b"receipt")
    theirs = new_key(KEKS, SOMEONE_ELSE, Kind.AUDIT)
    later = new_key(KEKS, CUSTOMER, Kind.AUDIT, 2)
    for key, its_id, data in (
        (AUDIT, uuid4(), sealed),
        (theirs, receipt_id, sealed),
        (replace(theirs, customer=CUSTOMER), receipt_id, sealed),
        (later, receipt_id, sealed),
        (AUDIT, receipt_id, sealed[:-1]),
        (AUDIT, receipt_id, b""),
    ):
        with pytest.raises(OpenError):
            open_receipt(KEKS, key, its_id, data)
    for place in range(0, len(sealed), 5):
        changed = sealed[:place] + bytes((sealed[place] ^ 1,)) + sealed[place + 1 :]
        with pytest.raises(OpenError):
            open_receipt(KEKS, AUDIT, receipt_id, changed)


def test_a_receipt_is_sealed_under_an_audit_key_alone():
    for key in (new_key(KEKS, CUSTOMER, Kind.PROFILE), replace(AUDIT, customer=None)):
        with pytest.raises(OpenError):
            seal_receipt(KEKS, key, uuid4(), b"receipt")


def test_the_message_of_the_vectors_opens():
    vector = load("mail")
    mail_id, sealed = UUID(vector["mail_id"]), raw(vector["sealed"])
    opened = open_mail(service("mail"), mail_id, template=vector["template"], sealed=sealed)
    assert opened.decode() == vector["message"]
    made = context.mail(DEPLOYMENT, mail_id, header=sealed[:6], template=vector["template"])
    assert made == raw(vector["context"])


def test_a_message_opens_in_its_own_row_alone():
    mail_id, key = uuid4(), service("mail")
    sealed = seal_mail(key, mail_id, template="sign-in", message=b"042817")
    assert open_mail(key, mail_id, template="sign-in", sealed=sealed) == b"042817"
    for wrong, its_id, template in (
        (key, uuid4(), "sign-in"),
        (key, mail_id, "notice"),
        (service("mail", generation=2), mail_id, "sign-in"),
        (service("mail", deployment=ELSEWHERE), mail_id, "sign-in"),
    ):
        with pytest.raises(OpenError):
            open_mail(wrong, its_id, template=template, sealed=sealed)
    for changed in (*flips(sealed), sealed[:-1], b""):
        with pytest.raises(OpenError):
            open_mail(key, mail_id, template="sign-in", sealed=changed)
