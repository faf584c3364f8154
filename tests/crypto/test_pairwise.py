import re
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.crypto.material import CUSTOMER, ELSEWHERE, SOMEONE_ELSE, service
from tests.crypto.vectors import load, raw
from vault.core.ids import NOBODY
from vault.crypto.pairwise import customer_of, pairwise_id
from vault.crypto.random import uuid7

KEY = service("pairwise")
VECTORS = load("pairwise")
ID = pairwise_id(KEY, "crm.example", CUSTOMER)


@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: case["sector"])
def test_the_vectors_go_both_ways(case):
    assert raw(VECTORS["key"]) == KEY.secret
    customer = UUID(case["customer"])
    assert pairwise_id(KEY, case["sector"], customer) == case["id"]
    assert customer_of(KEY, case["sector"], case["id"]) == customer


@given(st.integers(0, 2**48 - 1), st.text(max_size=20))
def test_an_id_leads_back_to_its_customer(ms, sector):
    customer = uuid7(ms)
    text = pairwise_id(KEY, sector, customer)
    assert re.fullmatch("[a-z2-7]{26}", text)
    assert customer_of(KEY, sector, text) == customer


def test_ids_differ_by_customer_sector_key_and_deployment():
    made = {
        ID,
        pairwise_id(KEY, "crm.example", SOMEONE_ELSE),
        pairwise_id(KEY, "delivery", CUSTOMER),
        pairwise_id(service("pairwise", deployment=ELSEWHERE), "crm.example", CUSTOMER),
    }
    assert len(made) == 4


def test_an_id_of_another_sector_is_nobodys():
    assert customer_of(KEY, "delivery", ID) == NOBODY


def test_no_second_spelling_is_read():
    assert ID[-1] in "aeimquy4"  # the two spare bits are zero
    for last in "abcdefghijklmnopqrstuvwxyz234567".replace(ID[-1], ""):
        assert customer_of(KEY, "crm.example", ID[:-1] + last) != CUSTOMER
    # The same 128 bits with a spare bit set: no other customer either.
    alphabet = "abcdefghijklmnopqrstuvwxyz234567"
    for spare in (1, 2, 3):
        other = ID[:-1] + alphabet[alphabet.index(ID[-1]) + spare]
        assert customer_of(KEY, "crm.example", other) == NOBODY


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a",
        ID[:-1],
        ID + "a",
        ID + "\n",
        " " + ID[1:],
        ID.upper(),
        "1" + ID[1:],
        "_" + ID[1:],
        "é" + ID[1:],
        "٣" + ID[1:],
        str(CUSTOMER),
        "a" * 26,
        "a" * 10_000,
    ],
    ids=lambda text: ascii(text)[:12],
)
def test_text_that_is_no_id_is_nobodys(text):
    assert customer_of(KEY, "crm.example", text) == NOBODY


@given(st.text(max_size=40))
def test_reading_never_raises(text):
    assert customer_of(KEY, "crm.example", text) == NOBODY


def test_an_id_of_no_uuid7_is_nobodys():
    for odd in (UUID(int=0), UUID("6ba7b810-9dad-41d1-80b4-00c04fd430c8"), UUID(int=2**128 - 1)):
        assert customer_of(KEY, "crm.example", pairwise_id(KEY, "crm.example", odd)) == NOBODY
    wrong_variant = UUID(int=CUSTOMER.int ^ (1 << 63))
    text = pairwise_id(KEY, "crm.example", wrong_variant)
    assert customer_of(KEY, "crm.example", text) == NOBODY


def test_threads_do_not_share_a_cipher():
    customers = [uuid7(ms) for ms in range(2000)]

    def there_and_back(customer):
        return customer_of(KEY, "threads", pairwise_id(KEY, "threads", customer))

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(there_and_back, customers)) == customers
