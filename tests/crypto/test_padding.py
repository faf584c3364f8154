import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.crypto.vectors import flips, load, raw
from vault.core.entry import padded_bytes
from vault.core.errors import OpenError
from vault.crypto.padding import pad, pad_payload, unpad, unpad_each, unpad_payload

VECTORS = load("padding")


@pytest.mark.parametrize("case", VECTORS["sizes"], ids=lambda case: str(case["bytes"]))
def test_padded_sizes_are_those_of_the_vectors(case):
    data = bytes(case["bytes"])
    assert len(pad(data)) == case["value"]
    assert len(pad_payload(data)) == case["payload"] == padded_bytes(len(data))


def test_padded_bytes_are_those_of_the_vectors():
    for name, padded in (("value", pad), ("payload", pad_payload)):
        assert padded(raw(VECTORS[name]["data"])) == raw(VECTORS[name]["padded"])


@given(st.binary(max_size=3000))
def test_unpad_returns_what_was_padded(data):
    assert unpad(pad(data)) == data
    assert unpad_payload(pad_payload(data)) == data


@given(st.lists(st.binary(max_size=1100), max_size=5), st.data())
def test_several_texts_are_unpadded_in_their_order_or_none_is(texts, data):
    padded = [pad(one) for one in texts]
    assert unpad_each(padded) == texts
    bad = data.draw(st.sampled_from([*BAD.values(), pad(b"x") + bytes(32), pad(b"")[:-1] + b"x"]))
    padded.insert(data.draw(st.integers(0, len(padded))), bad)
    with pytest.raises(OpenError):
        unpad_each(padded)


@pytest.mark.parametrize(("padded", "opened"), [(pad, unpad), (pad_payload, unpad_payload)])
def test_a_text_has_one_padded_form(padded, opened):
    good = padded(b"own ship")
    for changed in flips(good):
        try:
            text = opened(changed)
        except OpenError:
            continue
        assert padded(text) == changed  # another text, in its own only form


BAD = {
    "empty": b"",
    "shorter than a length": b"\0\0\0",
    "a length alone": b"\0\0\0\0",
    "not padded": (4).to_bytes(4) + b"abcd",
    "a length past the end": (29).to_bytes(4) + bytes(28),
    "the longest length": (2**32 - 1).to_bytes(4) + bytes(252),
}


@pytest.mark.parametrize("bad", [*BAD.values(), pad(b"x") + bytes(32)], ids=[*BAD, "too much"])
def test_a_value_that_pad_does_not_write_is_refused(bad):
    with pytest.raises(OpenError):
        unpad(bad)


@pytest.mark.parametrize(
    "bad", [*BAD.values(), pad_payload(b"x") + bytes(256)], ids=[*BAD, "too much"]
)
def test_a_payload_that_pad_does_not_write_is_refused(bad):
    with pytest.raises(OpenError):
        unpad_payload(bad)


def test_a_rest_that_is_not_zero_is_refused():
    with pytest.raises(OpenError):
        unpad((1).to_bytes(4) + b"x" + bytes(26) + b"\1")
    with pytest.raises(OpenError):
        unpad_payload((1).to_bytes(4) + b"x\1" + bytes(250))
