"""Compiling gives one digest for one meaning, and tables that hold what the document says."""

import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies import stored
from policies.compile import compile_, load
from policies.document import Texts
from policies.errors import CodeErrors
from policies.model import Action, Basis, Permission
from policies.names import Source
from tests.policies.documents import GOOD, SAMPLE, errors_of, good, sample, swapped
from tests.policies.generated import Writer, rulebooks


def compiled(text):
    return compile_(text.encode(), name="code.yaml")


def test_the_sample_compiles_and_is_what_the_issue_asks_for():
    book = sample()
    assert 10 <= len(book.fields) <= 14
    assert len(book.interactions) == 4
    assert len(book.purposes) == 4
    assert len({one.basis for one in book.code.purposes}) == 3
    assert set(book.recipients) == {"delivery", "loyalty", "newsletter"}
    assert "Sample" in book.code.publisher.name


# Of codes that were published before the format had groups, promises and derivations.
PUBLISHED = {
    "2026-11": "eba253c3f6fdeb63063e97f4bc63550a7a450cf5742b9cbaaa3284fcd1aa2764",
    "2026-12": "cf43656f41d33e35b36e68d202b5ad8b5b5d8a7d683ec789923881309ecb24d4",
}


@pytest.mark.parametrize("version", PUBLISHED)
def test_a_code_keeps_its_digest_when_the_format_grows(version):
    text = SAMPLE.with_name(f"sample-{version}.yaml").read_bytes()
    assert compile_(text, name=version).digest == PUBLISHED[version]


def test_the_digest_is_over_the_canonical_json():
    book = good()
    assert book.digest == hashlib.sha256(book.document).hexdigest()
    assert json.loads(book.document)["format"] == 1
    assert book.version == "2026-11"


@pytest.mark.parametrize(
    "pair",
    [
        ("title: Code of ethics", "title: 'Code of ethics' # said otherwise"),
        ("title: Code of ethics", "title: >-\n  Code\n  of ethics"),
        ("[pause, never-purpose]", "\n  - pause\n  - never-purpose\n"),
        ("    why: To bring it.", "    why: |\n      To bring it.\n"),
    ],
)
def test_the_same_meaning_has_the_same_digest(pair):
    assert compiled(swapped(pair)).digest == good().digest


@pytest.mark.parametrize(
    "pair",
    [
        ("    why: To bring it.", "    why: To bring it!"),
        ("preferences.coffee: [read, write]", "preferences.coffee: [read]"),
        ("[pause, never-purpose]", "[pause]"),
        ("version: 2026-11", "version: 2026-11-2"),
    ],
)
def test_another_meaning_has_another_digest(pair):
    assert compiled(swapped(pair)).digest != good().digest


def test_texts_are_kept_in_nfc():
    decomposed = compiled(swapped(("title: Code of ethics", "title: Co\u0302de")))
    assert decomposed.code.title.get("en") == "Côde"


def test_the_stored_form_loads_as_it_was():
    for book in (good(), sample()):
        assert load(book.document) == book


@given(st.integers(0, 100_000))
def test_every_code_is_stored_and_read_back(seed):
    code = Writer(seed).code()
    assert stored.loads(stored.dumps(code), name="x") == code


def test_every_language_is_stored_and_read_back_in_the_code_s_order():
    text = GOOD.replace("languages: [en]", "languages: [pt-PT, en]")
    lines = []
    for line in text.splitlines():
        key, colon, said = line.partition(": ")
        worded = key.strip() in {"title", "label", "what", "why", "benefit", "without", "until"}
        worded = worded or key.strip() in {"balancing", "told", "observed"}
        both = f"{key}: {{pt-PT: {json.dumps('O ' + said)}, en: {json.dumps(said)}}}"
        lines.append(both if worded and colon else line)
    text = swapped(
        ("{name: Planner, team: Logistics,", "{name: {pt-PT: P, en: Q}, team: {pt-PT: P, en: Q},"),
        ("{name: Card, team: Shops,", "{name: {pt-PT: P, en: Q}, team: {pt-PT: P, en: Q},"),
        (
            "{espresso: Espresso, filter: Filter coffee}",
            "{espresso: {pt-PT: Bica, en: Espresso}, filter: {pt-PT: F, en: F}}",
        ),
        (
            "- We never sell what we know about you.",
            "- {pt-PT: Nunca vendemos., en: We never sell.}",
        ),
        text="\n".join(lines),
    )
    book = compiled(text)
    assert load(book.document) == book
    coffee = book.fields["preferences.coffee"].choices[0].label
    assert coffee == Texts((("pt-PT", "Bica"), ("en", "Espresso")))
    assert coffee.get("fr") == "Bica"
    guilty = swapped(("O You buy as before.", "Tem certeza?"), text=text)
    assert "'Tem certeza' presses" in errors_of(guilty)[0].what


def spoil(document, **changes):
    value = json.loads(document)
    value.update(changes)
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


DOCUMENT = good().document


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"[]",
        b"{}",
        b'{"format":1}',
        b"null",
        b"\xff",
        b"[" * 100_000,
        DOCUMENT + b"\n",
        DOCUMENT.replace(b'{"', b'{ "', 1),
        DOCUMENT.replace(b'"format":1', b'"format":2'),
        DOCUMENT.replace(b'"format":1', b'"format":1,"more":1'),
        spoil(DOCUMENT, fields=None),
        spoil(DOCUMENT, version=1),
        spoil(DOCUMENT, terms=["unknown"]),
        spoil(DOCUMENT, terms="pause"),
        spoil(DOCUMENT, title="Code"),
        spoil(DOCUMENT, title={"fr": "Code"}),
        spoil(DOCUMENT, title={"en": "Code", "fr": "Code"}),
        spoil(DOCUMENT, promises=[[]]),
        spoil(DOCUMENT, publisher=7),
        DOCUMENT.replace(b'"required":true', b'"required":1', 1),
        DOCUMENT.replace(b'"max_length":300', b'"max_length":"300"'),
    ],
    ids=range(22),
)
def test_bytes_that_no_publication_stored_are_refused(document):
    with pytest.raises(CodeErrors) as caught:
        load(document)
    assert "not the stored form" in caught.value.errors[0].what


@given(
    st.binary(max_size=100)
    | st.text(max_size=100).map(lambda text: text.encode("utf-8", "replace"))
)
def test_any_bytes_load_or_are_refused(document):
    with pytest.raises(CodeErrors):
        load(document)


def test_the_tables_know_every_name_with_its_sources():
    book = good()
    assert book.sources["contact.email"] == {Source.TOLD}
    assert set(book.sources) == {*book.fields, *book.interactions}
    assert set(book.clauses) == {
        ("delivery", Action.READ),
        ("rewards", Action.READ),
        ("rewards", Action.WRITE),
        ("rewards", Action.APPEND),
        ("fraud", Action.READ),
    }


def test_what_the_code_does_not_give_an_app_is_named():
    fine = Permission("rewards", Action.WRITE, "preferences.coffee")
    wrong = [
        Permission("rewards", Action.WRITE, "contact.birth_date"),
        Permission("rewards", Action.READ, "contact.email"),
        Permission("unknown", Action.READ, "contact.email"),
        Permission("fraud", Action.READ, "contact.email"),
    ]
    assert good().uncovered([wrong[0], fine, *wrong[1:]], app="loyalty") == wrong
    assert good().uncovered([fine], app="delivery") == [fine]


def test_the_rulebook_answers_what_it_is_asked():
    book = good()
    assert [one.id for one in book.purposes_for("contact.email")] == ["delivery", "fraud"]
    assert [one.id for one in book.readers("contact.email")] == ["delivery"]
    assert [one.id for one in book.readers("interaction.purchase")] == ["delivery", "loyalty"]
    assert book.readers("no.field") == ()
    assert book.fields_of("rewards", Action.WRITE) == ("preferences.coffee",)
    assert book.fields_of("unknown", Action.READ) == ()
    assert [one.id for one in book.consent_purposes()] == ["rewards"]
    assert book.fields["contact.email"].group == "contact"


@given(rulebooks)
def test_readers_are_those_whom_some_purpose_lets_read(book):
    for name in book.fields:
        apps = {
            app
            for one in book.purposes_for(name)
            for app in one.recipients
            if name in book.fields_of(one.id, Action.READ)
        }
        assert {one.id for one in book.readers(name)} == apps


def test_each_basis_has_a_way_to_compile():
    for basis, more in {
        Basis.VITAL_INTEREST: "",
        Basis.PUBLIC_TASK: "\n    law: Article 1",
        Basis.LEGAL_OBLIGATION: "\n    law: Article 1",
    }.items():
        book = compiled(swapped(("basis: contract", f"basis: {basis}{more}")))
        assert book.purposes["delivery"].basis is basis


def test_a_special_field_compiles_under_explicit_consent():
    text = swapped(
        ("    category: FavouriteFood\n    sensitivity: ordinary",
         "    category: FavouriteFood\n    sensitivity: special"),
        ("    expiry: P12M\n", "    expiry: P12M\n    explicit: yes\n"),
    )  # fmt: skip
    assert compiled(text).purposes["rewards"].explicit


def test_every_shape_of_field_and_publisher_compiles():
    text = swapped(
        ("  url: https://shop", "  phone: +353 1 234 5678\n  url: https://shop"),
        ("    max_length: 300\n", ""),
        ("    type: choice\n", "    type: list\n"),
        ("    identifies: email\n", ""),
        ("terms: [pause, never-purpose]\n", ""),
    )
    book = compiled(text)
    assert book.code.publisher.phone == "+353 1 234 5678"
    assert book.code.terms == ()
    assert book.fields["preferences.note"].max_length is None
    assert load(book.document) == book
