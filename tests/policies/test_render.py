"""The plain text and the JSON say what the page says."""

import hashlib
import re

import pytest

from policies import render
from policies.compile import compile_
from policies.model import Action, Basis, Channel, Sensitivity, Source, StaffRole, Term
from policies.names import LANGUAGES, Automation
from policies.render_lines import WIDTH
from policies.survey import QuestionType
from policies.vocabulary import RIGHTS
from policies.wording import of
from tests.policies.documents import SAMPLE, good, sample, swapped
from tests.policies.test_page import page_permissions

FULL = SAMPLE.with_name("sample-2026-11-3.yaml")  # says everything that a code can say
PLACES = re.compile(r"\{\w+\}").findall


def test_the_plain_text_names_every_field_and_clause():
    book = sample()
    text = render.text(book, "en")
    for name in (*book.fields, *book.interactions, *book.purposes):
        assert f"[{name}]" in text
    assert f"sha256:{book.digest}" in text
    assert text.endswith("\n")
    assert max(map(len, text.splitlines())) <= WIDTH


def test_the_plain_text_says_what_each_clause_must_say():
    text = render.text(good(), "en")
    assert "  What we do: We count points." in text
    assert "  Who: Card [loyalty] (Shops, IE)" in text
    assert "  Who: our staff: support [staff/support]" in text
    assert "  Until 1 year after you allowed it, or until you stop it" in text
    assert "  Until: Until it has arrived." in text
    assert "  Balance: It hurts nobody." in text
    assert "  If you say no: You buy as before." in text
    better = "  Better with: Coffee [preferences.coffee] (read, change); Purchase"
    assert f"{better}\n    [interaction.purchase] (read, add)" in text
    assert "  Choices: Espresso, Filter coffee" in text


def test_what_a_code_leaves_out_has_no_heading():
    start = "interactions:\n"
    text = swapped(
        ("terms: [pause, never-purpose]\n", ""),
        ("      interaction.purchase: [read, append]\n", ""),
        ("      interaction.purchase: [read]\n", ""),
        ("  observed: We saw it while we served you.\n", ""),
        ("    balancing: It hurts nobody.", "    profiling: yes\n    balancing: It hurts nobody."),
        ("    expiry: P12M\n", "    expiry: P12M\n    explicit: yes\n"),
    )
    text = text[: text.index(start)] + text[text.index("recipients:\n  delivery: {name") :]
    said = render.text(compile_(text.encode(), name="less.yaml"), "en")
    assert "What we remember of our contacts" not in said
    assert "Pause everything" not in said
    assert "An erasure can be taken back for 14 days." in said
    assert "judges or groups people" in said
    assert "a consent of its own" in said


def test_the_json_is_what_the_digest_is_over():
    book = sample()
    assert hashlib.sha256(render.json_(book)).hexdigest() == book.digest


@pytest.mark.parametrize("lang", LANGUAGES)
def test_there_is_a_word_for_everything_that_a_page_shows(lang):
    words, english = of(lang), of("en")
    kinds = (Action, Automation, Basis, Channel, QuestionType, Sensitivity, Source, StaffRole, Term)
    for kind in kinds:
        assert all(words.name(member) for member in kind)
    assert words.rights.keys() == {right for rights in RIGHTS.values() for right in rights}
    assert words.words.keys() == english.words.keys()
    for key, said in english.words.items():
        assert PLACES(words.words[key]) == PLACES(said), key
    # A reader finds an action by its word alone.
    assert len({words.name(action) for action in Action}) == len(Action)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_text_says_the_rights_and_the_duties(lang):
    book = compile_(FULL.read_bytes(), name=FULL.name)
    text, words = " ".join(render.text(book, lang).split()), of(lang)
    for right in ("A7-3", "A15", "A17", "A20", "A21", "A22", "A77"):
        assert words.right(right) in text
    assert " ".join(words.say("free").split()) in text
    for one in book.code.never:
        assert one.text.get(lang) in text
    for derived in book.code.derivations:
        assert derived.contest.get(lang) in text
    for app in book.code.recipients:
        assert app.safeguard is None or app.safeguard.get(lang) in text


@pytest.mark.parametrize("lang", ["pt-PT", "pt-BR"])
def test_a_portuguese_text_holds_no_english_heading(lang):
    text = render.text(compile_(FULL.read_bytes(), name=FULL.name), lang)
    for said in of("en").words.values():
        if "{" not in said and len(said) > 4:
            assert f"\n{said}\n" not in text, said
            assert f"  {said}: " not in text, said


def test_a_duration_is_said_in_words():
    words = of("en")
    assert words.lasts("P2Y1M10D") == "2 years, 1 month, 10 days"
    assert words.lasts("P2W") == "14 days"
    assert words.lasts("for ever") == "for ever"


def test_the_page_comes_with_the_other_forms():
    assert page_permissions(render.page(good(), "en"))
