"""A log key reads in one way only; anything else is no log key."""

import base64

import pytest

from vault.verifier import logkey
from vault.verifier.errors import CannotTellError

KEY = "example.org/log+98af023b+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4"
TAG = base64.b64encode(bytes(range(32))).decode()
SEAL = base64.b64encode(bytes(range(1, 33))).decode()
TEXT = f"""ownship-logkey@v1
origin example.org/log
key {KEY}
generation 2
tag {TAG}
seal {SEAL}
"""


def test_a_log_key_says_its_log_and_its_keys():
    found = logkey.parse(TEXT.encode())
    assert (found.origin, found.verifier_key) == ("example.org/log", KEY)
    assert (found.keys.generation, found.keys.tag) == (2, bytes(range(32)))
    assert found.keys.seal == bytes(range(1, 33))


def test_it_may_find_without_opening():
    assert logkey.parse(TEXT.replace(f"seal {SEAL}\n", "").encode()).keys.seal is None


def test_no_key_is_printed_by_accident():
    found = logkey.parse(TEXT.encode())
    assert "\\x01" not in repr(found) + repr(found.keys)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("@v1", "@v2"),
        ("origin example.org/log\n", ""),
        ("origin example.org/log", "origin example.org/other"),
        ("+98af023b+", "+98af023c+"),
        ("generation 2", "generation 0"),
        ("generation 2", "generation 02"),
        ("generation 2", "generation +2"),
        ("generation 2\n", "generation 2\ngeneration 2\n"),
        (f"tag {TAG}\nseal {SEAL}\n", f"seal {SEAL}\ntag {TAG}\n"),
        (f"tag {TAG}\n", "tag \n"),
        (TAG, TAG[:-2] + "9="),  # spare bits
        (TAG, base64.b64encode(bytes(31)).decode()),
        (TAG, TAG.replace("A", "-", 1)),
        (f"{SEAL}\n", SEAL),
        (f"{SEAL}\n", f"{SEAL}\nmore x\n"),
        ("generation 2", "generation \u0662"),
        ("generation 2", "generation 2" + " " * 5_000),
    ],
)
def test_what_is_written_otherwise_is_no_log_key(old, new):
    assert old in TEXT
    with pytest.raises(CannotTellError):
        logkey.parse(TEXT.replace(old, new, 1).encode())


def test_lines_of_a_file_of_keys():
    line = f'{{"generation":0,"seal":"{SEAL}","tag":"{TAG}"}}'.encode()
    assert logkey.parse_line(line).tag == bytes(range(32))
    bare = f'{{"generation":3,"tag":"{TAG}"}}'.encode()
    assert logkey.parse_line(bare) == logkey.EntryKeys(3, bytes(range(32)), None)
    for wrong in (
        b"",
        b"[]",
        b"{}",
        bare.replace(b"3", b"-3"),
        bare.replace(b"3", b"true"),
        bare.replace(b"tag", b"key"),
        bare.replace(TAG.encode(), b"AA=="),
        f'{{"generation":3,"tag":"{TAG}","x":1}}'.encode(),
    ):
        with pytest.raises(CannotTellError):
            logkey.parse_line(wrong)
