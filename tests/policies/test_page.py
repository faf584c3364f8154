"""What the page says and what the tables allow are the same set."""

from dataclasses import replace

import pytest
from hypothesis import assume, given

from policies import linked
from policies.compile import compile_
from policies.decide import Allow, ConsentFact, Question, Situation, Terms, decide
from policies.model import Action, ActorKind, ConsentState, Permission, Rulebook, StaffRole, Texts
from policies.page import page
from policies.page_view import PageView
from policies.render import json_, text
from tests.policies.documents import GOOD, SAMPLE, good, sample, swapped
from tests.policies.generated import rulebooks
from tests.policies.said import Set, of_json, of_jsonld, of_text

SAMPLES = sorted(SAMPLE.parent.glob("*.yaml"))


def page_permissions(view: PageView) -> Set:
    """Read the page: who may do what, with what, for which purpose."""
    return {
        (who, Permission(clause.id, action, use.name))
        for clause in view.clauses
        for who in (
            *(app.id for app in clause.recipients),
            *(f"staff/{one}" for one in clause.staff),
        )
        for use in clause.uses
        for action in use.actions
    }


def table_permissions(book: Rulebook) -> Set:
    """Ask for everything, of a customer who has allowed everything, and keep what is allowed."""
    names = (*book.fields, *book.interactions)
    every = frozenset(
        Permission(purpose, action, name)
        for purpose in book.purposes
        for action in Action
        for name in names
    )
    consents = {
        purpose: ConsentFact(purpose, ConsentState.GIVEN, frozenset(names), 2, intact=True)
        for purpose in book.purposes
    }
    willing = Situation(
        known=True,
        intact=True,
        restricted=False,
        objections=frozenset(),
        terms=Terms(),
        consents=consents,
        untold=frozenset(),
        now=1,
    )
    found: Set = set()
    for permission in every:
        source = next(iter(book.sources[permission.name]))
        asked = Question(
            kind=ActorKind.APP,
            names=(permission.name,),
            action=permission.action,
            purpose=permission.purpose,
            registration=every,
            ceiling=every,
            source=source,
        )
        asks = [
            *((app, _as_app(asked, app)) for app in book.recipients),
            *((f"staff/{role}", _as_staff(asked, role)) for role in StaffRole),
        ]
        for who, question in asks:
            if isinstance(decide(book, question, willing)[permission.name], Allow):
                found.add((who, permission))
    return found


def _as_app(asked: Question, app: str) -> Question:
    return Question(
        kind=ActorKind.APP,
        app=app,
        names=asked.names,
        action=asked.action,
        purpose=asked.purpose,
        registration=asked.registration,
        ceiling=asked.ceiling,
        source=asked.source,
    )


def _as_staff(asked: Question, role: StaffRole) -> Question:
    return Question(
        kind=ActorKind.STAFF,
        role=role,
        names=asked.names,
        action=asked.action,
        purpose=asked.purpose,
        source=asked.source,
    )


def every_form(book: Rulebook) -> dict[str, Set]:
    """Read each form of a code back, the text in each of its languages."""
    texts = {f"text {one}": of_text(text(book, one), one) for one in book.code.languages}
    return texts | {
        "page": page_permissions(page(book, "en")),
        "json": of_json(json_(book)),
        "jsonld": of_jsonld(linked.jsonld(book, "https://vault.example")),
    }


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_each_form_of_a_sample_says_what_its_tables_allow(path):
    book = compile_(path.read_bytes(), name=path.name)
    allowed = table_permissions(book)
    assert len(allowed) > 40
    for form, said in every_form(book).items():
        assert said == allowed, form


@given(rulebooks)
def test_each_form_of_any_code_says_what_its_tables_allow(book):
    declared = {*book.fields, *book.interactions}
    assume(all(use.name in declared for one in book.code.purposes for use in one.uses))
    allowed = table_permissions(book)
    for form, said in every_form(book).items():
        assert said == allowed, form


def test_a_clause_that_is_left_out_of_a_form_is_missed():
    book = sample()
    less = replace(book, code=replace(book.code, purposes=book.code.purposes[1:]))
    for form, said in every_form(less).items():
        # The canonical JSON is kept with the code, so it still has the clause.
        assert (said < table_permissions(book)) is (form != "json"), form


def test_deleting_a_use_takes_it_from_the_page_and_from_what_is_allowed():
    start = GOOD.index("  preferences.coffee:\n    label")
    text = GOOD[:start] + GOOD[GOOD.index("  preferences.note:\n    label") :]
    text = swapped(("      preferences.coffee: [read, write]\n", ""), text=text)
    before, after = good(), compile_(text.encode(), name="less.yaml")
    lost = {
        ("loyalty", Permission("rewards", action, "preferences.coffee"))
        for action in (Action.READ, Action.WRITE)
    }
    assert page_permissions(page(before, "en")) - page_permissions(page(after, "en")) == lost
    assert table_permissions(before) - table_permissions(after) == lost


def test_a_page_is_in_the_asked_language_or_in_the_nearest_that_the_code_has():
    texts = Texts((("en", "Hello"), ("pt-PT", "Olá")))
    code = replace(good().code, languages=("en", "pt-PT"), title=texts)
    book = replace(good(), code=code)
    assert [
        (page(book, lang).lang, page(book, lang).title) for lang in ("pt-PT", "pt-BR", "fr")
    ] == [
        ("pt-PT", "Olá"),
        ("pt-PT", "Olá"),
        ("en", "Hello"),
    ]


def test_a_field_s_line_names_its_choices_and_purposes():
    coffee = next(one for one in page(good(), "en").fields if one.name == "preferences.coffee")
    assert coffee.choices == ("Espresso", "Filter coffee")
    assert coffee.purposes == (("rewards", "Rewards"),)
    assert coffee.retention == "P1Y"
