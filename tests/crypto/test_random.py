import os
import re
from uuid import RFC_4122, UUID

import pytest

from vault.crypto import random


def test_bytes_are_as_many_as_asked_and_not_twice_the_same():
    assert len(random.random_bytes(24)) == 24
    assert random.random_bytes(16) != random.random_bytes(16)


def test_chances_are_given_out_once_and_never_run_out():
    chances = random.Chances(40)
    taken = [chances.take(16), chances.take(16), chances.take(16), chances.take(0), chances.take(8)]
    assert [len(one) for one in taken] == [16, 16, 16, 0, 8]
    assert b"".join(taken[:2]) == chances._drawn[:32]
    assert taken[2][:8] != chances._drawn[32:]
    assert len(set(taken)) == 5


def test_a_uuid7_holds_the_time_and_74_bits_of_chance():
    made = random.uuid7(1_795_426_200_123)
    assert made.int >> 80 == 1_795_426_200_123
    assert (made.version, made.variant) == (7, RFC_4122)
    chance = 0
    for _ in range(200):
        chance |= made.int ^ random.uuid7(1_795_426_200_123).int
    assert chance == (1 << 62) - 1 | ((1 << 12) - 1) << 64


def test_uuid7s_sort_by_time():
    made = [random.uuid7(ms) for ms in (0, 1, 1_795_426_200_123, 2**48 - 1)]
    assert made == sorted(made)


@pytest.mark.parametrize("ms", [-1, 2**48])
def test_a_time_outside_48_bits_is_refused(ms):
    with pytest.raises(ValueError, match="48 bits"):
        random.uuid7(ms)


def test_a_uuid4_is_a_uuid4():
    assert isinstance(random.uuid4(), UUID)
    assert random.uuid4().version == 4


def test_a_token_is_43_characters_of_base64url():
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", random.token())


def test_codes_keep_zeros_in_front():
    codes = [random.digits(2) for _ in range(2000)]
    assert all(re.fullmatch(r"[0-9]{2}", code) for code in codes)
    assert any(code.startswith("0") for code in codes)
    assert len(set(codes)) == 100


def test_several_ids_are_as_many_different_ones_of_the_moment():
    made = random.uuid7s(1_700_000_000_000, 50)
    assert len(set(made)) == 50
    assert {one.version for one in made} == {7}
    assert {one.int >> 80 for one in made} == {1_700_000_000_000}
    with pytest.raises(ValueError, match="48 bits"):
        random.uuid7s(-1, 1)


def test_labels_are_22_characters_and_never_twice_the_same():
    made = [random.label() for _ in range(1_000)]
    assert len(set(made)) == 1_000
    assert all(re.fullmatch("[A-Za-z0-9_-]{22}", one) for one in made)


def test_a_child_makes_labels_of_its_own():
    random.label()
    read, write = os.pipe()
    if not (child := os.fork()):
        os.write(write, "".join(random.label() for _ in range(20)).encode())
        os._exit(0)
    os.waitpid(child, 0)
    told = os.read(read, 10_000).decode()
    os.close(read)
    os.close(write)
    mine = [random.label() for _ in range(300)]
    assert not {told[place : place + 22] for place in range(0, len(told), 22)} & set(mine)
