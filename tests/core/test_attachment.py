"""What a file is, is told by its bytes; what it is called is made harmless."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault.core.attachment import ENDINGS, MAX_BYTES, MAX_NAME, Media, check, media_of, name_of
from vault.core.errors import WrongValueError

PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01"
JPEG = b"\xff\xd8\xff\xe0\0\x10JFIF"
GOOD = {Media.PDF: PDF, Media.PNG: PNG, Media.JPEG: JPEG, Media.TEXT: "Olá,\n\ttudo bem?".encode()}


@pytest.mark.parametrize("media", Media)
def test_a_file_is_what_its_bytes_say(media):
    file = check(GOOD[media], claimed=f"{media.value.upper()}; charset=utf-8", name="a")
    assert (file.media, file.data, file.name) == (media, GOOD[media], f"a{ENDINGS[media][0]}")


@pytest.mark.parametrize(
    ("data", "claimed"),
    [
        (b"", "text/plain"),
        (b"x" * (MAX_BYTES + 1), "text/plain"),
        (PDF, "image/png"),
        (PDF, "text/plain"),  # a page description that a viewer would run, called a text
        (b"PK\x03\x04", "application/pdf"),
        (b"MZ\x90\0", "application/pdf"),
        (b"<svg xmlns='x'/>", "image/svg+xml"),
        (b"<html></html>", "text/html"),
        (b" " + PDF, "application/pdf"),  # viewers find the mark further in; the rule is its start
        (b"a\0b", "text/plain"),
        (b"\x1b[2J", "text/plain"),
        (b"\xff\xfea\0", "text/plain"),  # UTF-16
        (b"\xed\xa0\x80", "text/plain"),  # half a character
        (b"\x89PNG\r\n\x1a\n", "image/png"),  # no first chunk
        (PNG, ""),
        (PNG, "image/*"),
        (JPEG, "image/jpg"),
    ],
)
def test_a_file_that_is_not_what_it_says_or_out_of_bounds_is_refused(data, claimed):
    with pytest.raises(WrongValueError):
        check(data, claimed=claimed, name="a")


def test_the_largest_file_is_taken():
    assert len(check(b"x" * MAX_BYTES, claimed="text/plain", name="a").data) == MAX_BYTES


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("letter.pdf", "letter.pdf"),
        ("Letter.PDF", "Letter.PDF"),
        ("José O’Neill 王小明.pdf", "José O’Neill 王小明.pdf"),
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\temp\\a.pdf", "a.pdf"),
        ("invoice\u202efdp.exe", "invoicefdp.exe.pdf"),
        ("a\0.pdf", "a.pdf"),
        ("a\r\nSet-Cookie: x=1.pdf", "aSet-Cookie_ x_1.pdf"),
        ("<script>alert(1)</script>.pdf", "script_.pdf"),
        ('"; filename="b.exe', "__ filename__b.exe.pdf"),
        ("CON", "_CON.pdf"),
        ("nul.pdf", "_nul.pdf"),
        (".pdf", "pdf.pdf"),
        ("...", "attachment.pdf"),
        ("", "attachment.pdf"),
        ("a" * 300 + ".pdf", "a" * 96 + ".pdf"),
        ("page.html", "page.html.pdf"),
    ],
)
def test_a_name_is_made_harmless(typed, name):
    assert name_of(typed, Media.PDF) == name


@given(st.text(max_size=150), st.sampled_from(Media))
def test_every_name_is_harmless_short_and_ends_as_its_type(typed, media):
    name = name_of(typed, media)
    assert 0 < len(name) <= MAX_NAME
    assert name.lower().endswith(ENDINGS[media])
    assert not set(name) & set("/\\<>:\"'`|?*%\0\r\n")
    assert not name.startswith((".", " "))
    assert all(unicodedata.category(one)[0] != "C" for one in name)
    assert name_of(name, media) == name


@given(st.binary(max_size=200))
def test_every_file_has_one_type_or_none(data):
    media = media_of(data)
    if media is Media.TEXT:
        assert b"\0" not in data
    assert media is None or media in set(Media)
