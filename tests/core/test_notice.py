"""The bytes of a consent notice: the same for everyone, and the same again when emptied."""

import re
from dataclasses import replace
from html.parser import HTMLParser
from unicodedata import is_normalized

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.rulebooks import PURPOSES, purpose, read, rulebook, texts
from vault.core import notice, notice_words
from vault.core.errors import FormatError
from vault.core.notice import BEGIN, END, GRID, SIMPLE

RULEBOOK = rulebook()
CONSENTS = [one.id for one in RULEBOOK.consent_purposes()]
VOID = {"input"}


class Seen(HTMLParser):
    """What a reader finds in the notice; fails on markup that does not close."""

    def __init__(self, html):
        super().__init__()
        self.open: list[str] = []
        self.text, self.tags, self.comments = [], [], []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)

    def handle_comment(self, data):
        self.comments.append(data)

    def attributes(self, tag):
        return [attributes for found, attributes in self.tags if found == tag]


hostile = st.one_of(
    st.text(max_size=40),
    st.sampled_from(
        [
            BEGIN,
            END,
            "</output>",
            '"><script>alert(1)</script>',
            "<!--",
            "\r\n\x00\x0b",
            "\u0338",
            "\\1\\g<0>",
            "&lt;/output&gt;",
            "e\u0301",
        ]
    ),
)


@pytest.mark.parametrize("controls", [SIMPLE, GRID])
@pytest.mark.parametrize("purpose_id", CONSENTS)
@given(st.data())
def test_a_filled_notice_emptied_is_the_same_bytes(purpose_id, controls, data):
    rendered = notice.render(RULEBOOK, purpose_id, controls=controls)
    slots = [one["data-field"] for one in Seen(rendered.decode()).attributes("output")]
    values = data.draw(st.dictionaries(st.sampled_from([*slots, "no.slot"]), hostile))
    filled = notice.fill(rendered, values)
    assert notice.empty(f"<!doctype html><p>before</p>{filled}<p>after</p>") == rendered


@given(hostile)
def test_a_value_is_text_and_never_markup(value):
    rendered = notice.render(RULEBOOK, "newsletter")
    filled = Seen(notice.fill(rendered, {"contact.email": value}))
    assert filled.tags == Seen(rendered.decode()).tags
    assert len(filled.comments) == 2


def test_it_stands_between_two_fixed_markers():
    rendered = notice.render(RULEBOOK, "newsletter").decode()
    assert rendered.startswith("<!--ownship:notice-->")
    assert rendered.endswith("<!--/ownship:notice-->")


@pytest.mark.parametrize(
    "page",
    [
        "",
        BEGIN,
        END + BEGIN,
        BEGIN + END + END,
        BEGIN + BEGIN + END,
        BEGIN + END + BEGIN,
        END + BEGIN + END,
        BEGIN + "\ud800" + END,
    ],
)
def test_a_page_without_exactly_one_notice_has_none(page):
    with pytest.raises(FormatError):
        notice.empty(page)


@pytest.mark.parametrize("controls", [SIMPLE, GRID])
@pytest.mark.parametrize("purpose_id", CONSENTS)
def test_it_answers_every_question_before_the_choice(purpose_id, controls):
    rendered = notice.render(RULEBOOK, purpose_id, controls=controls).decode()
    seen = Seen(rendered)
    text = " ".join(seen.text)
    one = RULEBOOK.purposes[purpose_id]
    assert "Harbour Books asks you." in text
    for app in one.recipients:
        recipient = RULEBOOK.recipients[app]
        assert f"{recipient.name.get('en')} ({recipient.team.get('en')})" in text
    for said in (one.what, one.why, one.without, one.benefit):
        assert said.get("en") in text
    for use in one.uses:
        known = RULEBOOK.fields.get(use.name) or RULEBOOK.interactions[use.name]
        assert known.why.get("en") in text
    assert [{"href": f"/code/2026-11#{purpose_id}"}] == seen.attributes("a")
    assert RULEBOOK.digest in text
    assert {one["data-field"] for one in seen.attributes("output")} == {
        use.name for use in one.uses
    }


def test_needed_and_optional_details_stand_apart():
    text = notice.render(RULEBOOK, "newsletter").decode()
    needed, optional = text.index("Needed:"), text.index("Optional:")
    assert needed < text.index('data-field="contact.email"') < optional
    assert optional < text.index('data-field="person.name"')


def test_nothing_is_chosen_beforehand_and_nothing_is_styled_inline():
    for purpose_id in CONSENTS:
        for tag, attributes in Seen(
            notice.render(RULEBOOK, purpose_id, controls=GRID).decode()
        ).tags:
            assert not {"checked", "selected", "open", "style"} & attributes.keys(), tag
            assert not any(name.startswith("on") for name in attributes)


def test_the_grid_has_a_box_for_each_detail_and_the_simple_view_none():
    boxes = Seen(notice.render(RULEBOOK, "newsletter", controls=GRID).decode()).attributes("input")
    assert [(one["name"], one["value"]) for one in boxes] == [
        ("field", "contact.email"),
        ("field", "person.name"),
        ("field", "contact.phone"),
    ]
    assert not Seen(notice.render(RULEBOOK, "newsletter").decode()).attributes("input")


def test_only_the_fields_asked_for_are_named():
    rendered = notice.render(RULEBOOK, "newsletter", fields={"person.name"}).decode()
    assert "person.name" in rendered
    assert "contact.email" not in rendered
    assert "Needed:" not in rendered


def test_the_bytes_are_nfc_without_carriage_returns_whatever_the_code_says():
    odd = purpose(
        "odd",
        read("contact.email"),
        label=texts("\u0338Odd & <b>"),
        what=texts("Cafe\u0301\r\nline\x85next"),
    )
    rendered = notice.render(rulebook(purposes=(*PURPOSES, odd)), "odd").decode()
    assert is_normalized("NFC", rendered)
    assert "\r" not in rendered
    assert "<h2>◌\u0338Odd &amp; &lt;b&gt;</h2>" in rendered
    assert "Café line next" in rendered


def test_it_depends_on_nothing_but_its_inputs():
    first = notice.render(RULEBOOK, "newsletter")
    assert notice.render(rulebook(), "newsletter", fields=None) == first
    different = {
        notice.digest(one)
        for one in (
            first,
            notice.render(RULEBOOK, "newsletter", controls=GRID),
            notice.render(RULEBOOK, "newsletter", controls=("refuse", "allow", "later")),
            notice.render(RULEBOOK, "newsletter", fields={"contact.email"}),
            notice.render(RULEBOOK, "rewards"),
            notice.render(rulebook(version="2026-12"), "newsletter"),
        )
    }
    assert len(different) == 6


@pytest.mark.parametrize("controls", [SIMPLE, GRID])
def test_a_digest_tells_which_notice_it_is_of(controls):
    sha256 = notice.digest(notice.render(RULEBOOK, "newsletter", controls=controls))
    assert notice.identify(RULEBOOK, "newsletter", sha256) == ("en", controls)
    assert notice.identify(RULEBOOK, "rewards", sha256) is None
    assert notice.identify(rulebook(version="2026-12"), "newsletter", sha256) is None


def test_the_digest_is_sha_256_of_the_bytes():
    assert notice.digest(b"") == (
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    )


def test_no_language_is_shown_in_part():
    two = replace(RULEBOOK, code=replace(RULEBOOK.code, languages=("en", "fr")))
    assert notice.locales(two) == ("en",)
    with pytest.raises(ValueError, match="half a language"):
        notice.render(two, "newsletter", locale="fr")
    with pytest.raises(ValueError, match="half a language"):
        notice.render(RULEBOOK, "newsletter", locale="fr")


def test_every_language_has_every_sentence_with_the_same_names():
    for sentences in notice_words.TRANSLATIONS.values():
        assert sentences.keys() == set(notice_words.SENTENCES)
        for sentence, translation in sentences.items():
            assert _names(translation) == _names(sentence)


def _names(sentence):
    return set(re.findall(r"\{(\w+)\}", sentence))


def test_every_sentence_is_listed_for_translation():
    constants = {
        text
        for name, value in vars(notice_words).items()
        if name.isupper() and name not in {"SENTENCES", "TRANSLATIONS"}
        for text in ((value,) if isinstance(value, str) else value)
    }
    assert constants == set(notice_words.SENTENCES)


def test_a_text_that_is_no_duration_is_a_mistake_of_the_caller():
    with pytest.raises(ValueError, match="durations"):
        notice_words.say_duration("en", "")
