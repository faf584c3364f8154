"""Every mistake is told with its line, its column and what to write instead."""

import pytest

from policies.compile import compile_
from policies.errors import MAX_ERRORS, CodeErrors, Mistakes
from tests.policies.documents import GOOD, errors_of, good, swapped
from tests.policies.known import KNOWN
from tests.policies.mistakes import CLAUSES, FORM, RICH, SECTIONS
from tests.policies.mistakes_known import METHODS, SURVEYS

TABLES = ((GOOD, FORM), (GOOD, CLAUSES), (RICH, SECTIONS), (KNOWN, METHODS), (KNOWN, SURVEYS))


def rows():
    for text, table in TABLES:
        for name, *change, what, advice in table:
            assert isinstance(name, str)
            pairs = change[0] if len(change) == 1 else [tuple(change)]
            yield pytest.param(text, pairs, what, advice, id=name)


def test_the_documents_that_are_spoiled_are_good_ones_and_the_kinds_are_many():
    compile_(GOOD.encode(), name="good.yaml")
    compile_(RICH.encode(), name="rich.yaml")
    compile_(KNOWN.encode(), name="known.yaml")
    names = [name for _, table in TABLES for name, *_ in table]
    assert len(names) == len(set(names)) > 100


@pytest.mark.parametrize(("text", "pairs", "what", "advice"), list(rows()))
def test_a_mistake_is_told_with_its_place_and_what_to_write(text, pairs, what, advice):
    before, mark, after = swapped(*pairs, text=text).partition("‸")
    assert mark
    errors = errors_of(before + after)
    found = [one for one in errors if what in one.what]
    assert found, [str(one) for one in errors]
    assert advice in found[0].advice
    assert found[0].file == "code.yaml"
    place = (before.count("\n") + 1, len(before) - before.rfind("\n"))
    assert (found[0].line, found[0].column) == place


def test_all_mistakes_of_form_are_told_at_once_by_line():
    text = swapped(
        ("version: 2026-11", "version: v1"),
        ("type: email", "type: e-mail"),
        ("    why: To bring it.\n", ""),
        ("basis: contract", "basis: agreement"),
    )
    lines = [one.line for one in errors_of(text)]
    assert len(lines) == 4
    assert lines == sorted(lines)


def test_all_clauses_that_do_not_fit_are_told_at_once():
    text = swapped(
        ("category: EmailAddress", "category: Email"),
        ("expiry: P12M", "expiry: P2Y"),
        ("recipients: [loyalty]", "recipients: [loyality]"),
        ("balancing: It hurts nobody.", "law: None."),
    )
    assert len(errors_of(text)) == 6  # the recipient is unknown, and the known one unused


def test_an_error_reads_as_a_line_of_a_compiler():
    (error,) = errors_of(swapped(("type: email", "type: e-mail")))
    assert str(error) == ("code.yaml:23:11: 'e-mail' is no word for `type`. Did you mean 'email'?")


def test_errors_are_an_exception_that_lists_them():
    (error,) = errors_of(swapped(("type: email", "type: e-mail")))
    assert str(CodeErrors([error])) == str(error)


@pytest.mark.parametrize(
    ("data", "what", "place"),
    [
        (b"", "The document is empty", (1, 1)),
        (b"# nothing\n", "The document is empty", (1, 1)),
        (b"a word", "The document should be a mapping", (1, 1)),
        (b"- a\n", "The document should be a mapping", (1, 1)),
        (b"a: b\nc: \xff\n", "This is not UTF-8", (2, 4)),
        (b"a: b\n c\x00\n", "This character has no place", (2, 3)),
        (b'a: "\\UFFFFFFFF"\n', "An escape after this names no character", (1, 1)),
        (b"a" * 1_048_577, "larger than 1 MB", (1, 1)),
        (GOOD.encode("utf-16"), "This is not UTF-8", (1, 1)),
        (b"%YAML 2.0\n---\na: b", "This is not YAML", (1, 1)),
        (b"[" * 100_000, "deeper than 20 levels", (1, 21)),
        (b"a: " + b"{a: " * 100_000, "deeper than 20 levels", (1, 80)),
    ],
    ids=range(12),
)
def test_bytes_that_are_no_document_are_refused(data, what, place):
    error = errors_of(data)[0]
    assert what in error.what
    assert (error.line, error.column) == place


def test_a_byte_order_mark_changes_nothing():
    text = ("\ufeff" + GOOD).encode()
    assert compile_(text, name="code.yaml").digest == good().digest


def test_no_more_errors_are_kept_than_anybody_reads():
    text = "".join(f"key{number}: x\n" for number in range(5_000))
    assert len(errors_of(text)) == MAX_ERRORS


def test_a_word_is_quoted_short_and_without_control_characters():
    error = errors_of('"a\\u0007' + "b" * 500 + '": x\n')[0]
    assert "\x07" not in error.what
    assert len(error.what) < 200


@pytest.mark.parametrize("count", [201])
def test_more_fields_than_a_profile_may_hold_are_refused(count):
    field = (
        "  extra.f{0}: {{label: L, why: W, type: text, category: Preference, "
        "sensitivity: ordinary, sources: [told], retention: P1Y}}\n"
    )
    fields = "".join(field.format(number) for number in range(count))
    uses = "".join(f"      extra.f{number}: [read]\n" for number in range(count))
    text = swapped(
        ("interactions:\n", fields + "interactions:\n"),
        ("      preferences.coffee: [read, write]\n",
         "      preferences.coffee: [read, write]\n" + uses),
    )  # fmt: skip
    said = [one.what for one in errors_of(text)]
    assert said == ["There are more than 200 fields.", "A purpose uses at most 64 fields."]


def test_a_code_in_two_languages_says_everything_in_both():
    text = swapped(("languages: [en]", "languages: [en, pt-BR]"))
    errors = errors_of(text)
    assert "`title` is in one language only." in errors[0].what
    assert errors[0].advice == "Write it in each: en, pt-BR."
    text = swapped(
        ("languages: [en]", "languages: [en, pt-BR]"),
        ("title: Code of ethics", "title: {en: Code of ethics, pt: Código de ética}"),
    )
    said = [one.what for one in errors_of(text)]
    assert "`title` has no key 'pt'." in said
    assert "`title` lacks `pt-BR`." in said


def test_a_mistake_at_an_unwritten_part_is_told_at_what_holds_it():
    mistakes = Mistakes("code.yaml")
    mistakes.places[("fields", "contact.email")] = (7, 3)
    mistakes.at(("fields", "contact.email", "why", "en"), "It is missing.", "Write it.")
    mistakes.at(("elsewhere",), "This too.", "Write it.")
    with pytest.raises(CodeErrors) as caught:
        mistakes.check()
    assert [(one.line, one.column) for one in caught.value.errors] == [(1, 1), (7, 3)]
