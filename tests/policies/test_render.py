"""The plain text and the JSON say what the page says."""

import hashlib

from policies import render
from policies.compile import compile_
from policies.model import Action, Basis, Sensitivity, Source, StaffRole, Term
from policies.wording import english
from tests.policies.documents import good, sample, swapped
from tests.policies.test_page import page_permissions


def test_the_plain_text_names_every_field_and_clause():
    book = sample()
    text = render.text(book, "en")
    for name in (*book.fields, *book.interactions, *book.purposes):
        assert f"[{name}]" in text
    assert f"sha256:{book.digest}" in text
    assert text.endswith("\n")
    assert max(map(len, text.splitlines())) <= render.WIDTH


def test_the_plain_text_says_what_each_clause_must_say():
    text = render.text(good(), "en")
    assert "  What we do: We count points." in text
    assert "  Who: Card (Shops, IE)" in text
    assert "  Who: our staff: support" in text
    assert "  Until 1 year after you allowed it, or until you stop it" in text
    assert "  Until: Until it has arrived." in text
    assert "  Balance: It hurts nobody." in text
    assert "  If you say no: You buy as before." in text
    assert "  Better with: Coffee (read, change), Purchase (read, add)" in text
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


def test_there_is_a_word_for_every_member_that_a_page_shows():
    words = english()
    for kind in (Action, Basis, Sensitivity, Source, StaffRole, Term):
        assert all(words.name(member) for member in kind)


def test_a_duration_is_said_in_words():
    words = english()
    assert words.lasts("P2Y1M10D") == "2 years, 1 month, 10 days"
    assert words.lasts("P2W") == "14 days"
    assert words.lasts("for ever") == "for ever"


def test_the_page_comes_with_the_other_forms():
    assert page_permissions(render.page(good(), "en"))
