"""The sample says everything that a code can say, in words that each of its readers would use."""

import json
import re
from importlib.resources import files

import pytest

from policies.compile import compile_, warnings
from policies.diff import Outcome, diff
from policies.method import Function
from policies.model import Action, Basis, Channel, Permission, Source, StaffRole, Term
from policies.survey import QuestionType
from policies.texts import texts
from tests.policies.documents import SAMPLE, sample

FULL = SAMPLE.with_name("sample-2026-11-3.yaml")
BOOK = compile_(FULL.read_bytes(), name=FULL.name)
CODE = BOOK.code

# Words that a reader of the other variant would stumble over.
BRAZIL = r"você|celular|tela\b|equipe|registro|compartilh|contato|ligação|cadastr|conosco"
PORTUGAL = r"telemóve|ecrã|equipa\b|registo|partilh|contacto|morada|consigo|connosco|utilizam|utilizad|fatura"


def test_a_believable_shop_is_of_the_size_that_was_asked_for():
    assert len(CODE.fields) >= 25
    assert len({one.group for one in CODE.fields}) == len(CODE.groups) >= 5
    assert len(CODE.interactions) >= 8
    assert len(CODE.purposes) >= 8
    assert len({one.basis for one in CODE.purposes}) == 4
    assert {source for one in CODE.fields for source in one.sources} == set(Source)
    assert len(CODE.recipients) >= 5
    assert len(CODE.derivations) == 4
    assert len(CODE.never) >= 4
    assert CODE.measures
    assert CODE.children
    assert CODE.cooling_off


def test_it_shows_what_a_clause_can_ask():
    assert any(one.explicit for one in CODE.purposes)
    assert any(one.delay for one in CODE.purposes)
    assert any(one.assessment and one.profiling for one in CODE.purposes)
    assert any(one.safeguard and one.external for one in CODE.recipients)
    kept = [one for one in CODE.purposes if one.keep]
    assert [one.basis for one in kept] == [Basis.LEGAL_OBLIGATION]


def test_it_knows_its_customers_in_every_way_that_a_code_can_say():
    kinds = {one.kind: one for one in CODE.interactions}
    assert {one.reaches for one in kinds.values()} == {None, *Channel}
    assert {one.kind for one in kinds.values() if one.portal} == {"feedback", "complaint"}
    assert {one.kind for one in kinds.values() if one.follow_up} == {
        *("feedback", "complaint", "survey_answer"),
    }
    assert {"visit", "chat", "delivery", "points", "referral", "recommendation"} <= kinds.keys()
    methods = {one.method.function for one in CODE.derivations if one.method}
    assert methods == set(Function) - {Function.RECENCY}
    asked = {it.type for one in CODE.surveys for it in one.questions}
    assert asked == set(QuestionType)
    assert len(CODE.surveys) == 2
    benefits = {one.id: one for one in BOOK.purposes["loyalty.rewards"].benefits}
    assert benefits["birthday"].needs == ("contact.birth_date",)
    assert CODE.duplicates
    assert CODE.minimum_group == 10
    assert set(CODE.terms) == set(Term)


def test_the_counter_sees_small_preferences_and_nothing_that_finds_a_customer_elsewhere():
    seen = BOOK.clauses["service", Action.READ]
    assert seen.basis is Basis.CONSENT
    assert "till" in seen.apps
    assert seen.names >= {
        "contact.salutation",
        *(f"preferences.{one}" for one in ("called", "warmth", "options", "delivery_time")),
    }
    assert seen.names.isdisjoint({"contact.email", "contact.phone", "contact.postal_address"})


def test_staff_read_by_clauses_what_their_task_needs():
    support = BOOK.clauses["support", Action.READ]
    assert support.staff == {StaffRole.SUPPORT}
    assert support.names >= {
        "contact.full_name",
        "contact.email",
        "contact.phone",
        "interaction.purchase",
        "interaction.complaint",
    }
    steward = BOOK.clauses["corrections", Action.WRITE]
    assert steward.staff == {StaffRole.STEWARD}
    assert steward.names >= {"contact.full_name", "contact.email", "contact.postal_address"}


def test_what_the_shorter_sample_names_keeps_its_meaning():
    shorter = sample()
    outcomes = {one.purpose: one.outcome for one in diff(shorter, BOOK)}
    assert set(outcomes.values()) <= {Outcome.EQUAL, Outcome.NARROWER, Outcome.WIDER, Outcome.NEW}
    for name, field in shorter.fields.items():
        now = BOOK.fields[name]
        assert (now.type, now.category, now.sensitivity) == (
            field.type,
            field.category,
            field.sensitivity,
        )
        assert [one.id for one in now.choices] == [one.id for one in field.choices]
    assert shorter.interactions.keys() <= BOOK.interactions.keys()


@pytest.mark.parametrize("app", ["delivery", "loyalty", "newsletter"])
def test_the_sample_apps_can_be_registered_under_it(app):
    document = files("vault").joinpath("samples", "apps", f"{app}.json").read_text("utf-8")
    wanted = [
        Permission(one["purpose"], Action(action), name)
        for one in json.loads(document)["ownship"]["approved"]
        for action in one["actions"]
        for name in one["datatypes"]
    ]
    assert wanted
    assert BOOK.uncovered(wanted, app=app) == []


def test_the_sample_customers_can_be_imported_under_it():
    mapping = files("vault").joinpath("samples", "mapping.yaml").read_text("utf-8")
    known = {*BOOK.fields, *BOOK.interactions, *BOOK.purposes}
    named = re.findall(r"^ +(?:- )?([a-z_]+\.[a-z_]+)(?::|$)", mapping, re.MULTILINE)
    assert len(named) > 15
    assert set(named) <= known
    assert re.findall(r"purpose: ([a-z.]+)", mapping)
    assert set(re.findall(r"purpose: ([a-z.]+)", mapping)) <= BOOK.purposes.keys()


def test_a_group_is_called_by_the_name_that_the_code_gives_it():
    assert BOOK.group_label("traits", "pt-PT") == "O que concluímos"
    assert BOOK.group_label("elsewhere", "en") is None
    assert sample().group_label("contact", "en") is None


def test_nothing_in_it_is_warned_of():
    assert warnings(FULL.read_bytes(), name=FULL.name) == ()


def test_each_variant_of_portuguese_speaks_its_own():
    said = {lang: [text.get(lang) for _, text in texts(CODE)] for lang in ("en", "pt-BR", "pt-PT")}
    assert not any(re.search(PORTUGAL, text, re.IGNORECASE) for text in said["pt-BR"])
    assert not any(re.search(BRAZIL, text, re.IGNORECASE) for text in said["pt-PT"])
    sentences = [
        (brazil, portugal)
        for brazil, portugal in zip(said["pt-BR"], said["pt-PT"], strict=True)
        if len(brazil.split()) > 6
    ]
    assert len(sentences) > 80
    same = [brazil for brazil, portugal in sentences if brazil == portugal]
    assert len(same) < len(sentences) / 20, same
    assert not any(text in said["en"] for text, _ in sentences)


def test_every_language_is_written_by_the_code_and_none_is_empty():
    assert CODE.languages == ("en", "pt-BR", "pt-PT")
    for path, text in texts(CODE):
        assert [lang for lang, _ in text.entries] == list(CODE.languages), path
        assert all(words for _, words in text.entries), path
