"""Every mistake is told with its line, its column and what to write instead.

In each row the second text replaces the first; `‸` stands where the error must point.
"""

import pytest

from policies.compile import compile_
from policies.errors import MAX_ERRORS, CodeErrors, Mistakes
from tests.policies.documents import GOOD, errors_of, good, swapped

EMAIL = "  contact.email:\n    label: E-mail\n"

FORM = [
    # --- YAML that is not strict
    ("tab", "format: 1\n", "format: 1\n‸\tx: y\n", "This is not YAML", "Look at this line"),
    ("anchor", "  name: Sample", "  name: ‸&a Sample", "An anchor", "Delete the word after `&`"),
    (
        "alias",
        "  name: Sample Shop\n  address: 1 Harbour Street, Dublin",
        "  name: &a Sample Shop\n  address: ‸*a",
        "An alias",
        "Write out",
    ),
    ("tag", "version: 2026", "version: ‸!!str 2026", "A tag stands here", "Delete the word"),
    ("local tag", "  name: Sample", "  name: ‸!x Sample", "A tag stands here", "Delete the word"),
    ("directive", "format: 1", "‸%YAML 1.1\n---\nformat: 1", "A YAML directive", "Delete the `%`"),
    ("second document", "terms: [", "‸---\nterms: [", "A second document", "Delete it"),
    ("equal keys", "title: Code", "‸version: 2026-12\ntitle: Code", "again, first in line 2", "Keep"),
    ("key is a list", "format: 1", "? ‸[a]\n: b\nformat: 1", "stands where a key should", "one word"),
    ("deep", "title: Code of ethics", "title: " + "[" * 19 + "‸[" + "]" * 20, "deeper than", "flat"),
    ("escape", "title: Code of ethics", 'title: ‸"\\uD800"', "a control character", "Write `title"),
    # --- keys
    ("unknown key", "    why: To write", "    ‸whi: To write", "no key 'whi'", "mean 'why'"),
    ("key far off", "title: Code", "‸zzz: 1\ntitle: Code", "no key 'zzz'", "Write one of: format"),
    (
        "missing key",
        EMAIL + "    why: To write to you.\n",
        EMAIL.replace("label", "‸label"),
        "lacks `why`",
        "Write `why: To tell you",
    ),
    ("no promises", "promises:\n  - We never", "promises: ‸[]\nx: # - We never", "a list", "[We"),
    ("no fields", "fields:\n", "fields: ‸[]\nno:\n", "`fields` should be a mapping", "Write `fi"),
    ("section is a word", "  dpo: {name: Officer, email: dpo@shop.example.org}", "  dpo: ‸x",
     "`publisher.dpo` should be a mapping", "name, email"),
    # --- words
    ("format", "format: 1", "format: ‸2", "'2' cannot stand for `format`", "Write `format: 1`"),
    ("version", "version: 2026-11", "version: ‸v1", "'v1' cannot stand", "`version: 2026-11`"),
    ("no such day", "effective: 2026-11-01", "effective: ‸2026-02-30", "'2026-02-30'", "2026-11-01"),
    ("not a day", "effective: 2026-11-01", "effective: ‸tomorrow", "'tomorrow'", "2026-11-01"),
    ("language", "languages: [en]", "languages: ‸[fr]", "the language 'fr'", "Write one of: en"),
    ("language twice", "languages: [en]", "languages: [en, ‸en]", "twice in `languages`", "Keep"),
    ("empty text", "    why: To write to you.", "    why: ‸''", "`why` is empty", "Write `why: To"),
    ("text is a list", "    why: To bring it.", "    why: ‸[a]", "`why` should be a text", "Write `w"),
    ("long text", "    why: To bring it.", "    why: ‸" + "a" * 2001, "longer than 2000", "Write"),
    ("long label", "label: Purchase", "label: ‸" + "a" * 201, "longer than 200", "Write `label"),
    ("two lines", "label: Purchase", 'label: ‸"a\\nb"', "more than one line", "Write `label"),
    ("control", "label: Purchase", 'label: ‸"a\\tb"', "a control character", "Write `label"),
    ("type", "    type: email", "    type: ‸e-mail", "'e-mail' is no word", "Did you mean 'email'"),
    ("basis", "basis: contract", "basis: ‸agreement", "'agreement' is no word", "Write one of: con"),
    ("action", "contact.birth_date: [read]", "contact.birth_date: [‸view]", "'view'", "read, write"),
    ("actions are a word", "contact.birth_date: [read]", "contact.birth_date: ‸read", "a list", "["),
    ("no actions", "contact.birth_date: [read]", "contact.birth_date: ‸[]", "a list", "Write `req"),
    ("number", "max_length: 300", "max_length: ‸-3", "'-3' cannot stand", "`max_length: 200`"),
    ("flag", "expiry: P12M", "expiry: P12M\n    explicit: ‸true", "'true' cannot", "`explicit: yes"),
    ("retention", "retention: P1Y\ninteractions", "retention: ‸3 years\ninteractions", "'3 year",
     "`retention: P3Y`"),
    ("forever", "expiry: P12M", "expiry: ‸P101Y", "'P101Y' cannot stand", "`expiry: P12M`"),
    ("address of the officer", "dpo@shop.example.org}", "‸nobody}", "'nobody' cannot", "`email: "),
    ("plain http", "url: https://shop.example.org", "url: ‸http://shop.example.org", "'http", "https"),
    ("lower-case country", "  country: IE\n", "  country: ‸ie\n", "'ie' cannot", "`country: IE`"),
    ("source name", "  told: You", "  ‸heard: We heard.\n  told: You", "'heard' is no name", "`told`"),
    # --- names
    ("name with a capital", "  contact.email:\n    label", "  ‸Contact.email:\n    label",
     "'Contact.email' is no name", "Write it like `contact.email`"),
    ("name without a group", "  preferences.note:\n    label", "  ‸note:\n    label", "'note'", "like"),
    ("name of a purpose", "  rewards:\n", "  ‸a.b.c.d:\n", "'a.b.c.d' is no name", "`delivery`"),
    ("name of a choice", "{espresso: Espresso,", "{‸Espresso: Espresso,", "'Espresso'", "`espresso`"),
    ("name of an app", "  loyalty: {name", "  ‸Loyalty!: {name", "'Loyalty!'", "like `delivery`"),
]  # fmt: skip

CLAUSES = [
    ("country", "  country: IE\n", "  country: ‸UK\n", "'UK' is no country", "ISO 3166"),
    ("country of an app", "team: Shops, country: IE", "team: Shops, country: ‸XX", "'XX'", "ISO"),
    ("category", "category: EmailAddress", "category: ‸Email", "'Email' is no cat", "EmailAddress"),
    ("type of purpose", "types: [DeliveryOfGoods]", "types: ‸[Delivery]", "no type of", "DeliveryOf"),
    ("selling", "types: [DeliveryOfGoods]", "types: ‸[SellDataToThirdParties]", "sells", "Delete"),
    ("reserved group", "  preferences.note:\n    label", "  ‸interaction.note:\n    label",
     "is kept for contact events", "under `interactions`"),
    ("source not explained", "    sources: [observed]", "    sources: ‸[observed, inferred]",
     "The source 'inferred' is not explained", "Add `inferred: …`"),
    ("source without use", "  told: You", "  ‸inferred: We guess.\n  told: You",
     "Nothing is gathered from the source `inferred`", "Delete it"),
    ("choice without choices", [("    choices: {espresso: Espresso, filter: Filter coffee}\n", ""),
     ("  preferences.coffee:\n    label", "  ‸preferences.coffee:\n    label")],
     "needs choices", "espresso"),
    ("choices of a text", "    max_length: 300", "    max_length: 300\n    choices: ‸{a: A}",
     "type text has no choices", "`type: choice`"),
    ("length of a date", "type: date", "type: date\n    max_length: ‸10", "has no length", "Delete"),
    ("length of a book", "max_length: 300", "max_length: ‸9000", "at most 8192", "a smaller number"),
    ("birth date identifies", "type: date", "type: date\n    identifies: ‸external",
     "Many people share a value of the category BirthDate", "Delete this line"),
    ("choice identifies", "    type: choice\n", "    type: choice\n    identifies: ‸card\n",
     "type choice does not identify by card", "Write `type: card`"),
    ("unused field", [("      preferences.note: [read]\n", "      preferences.coffee: [read]\n"),
     ("  preferences.note:\n    label", "  ‸preferences.note:\n    label")],
     "No purpose uses `preferences.note`", "Delete it, or name it"),
    ("unused interaction", "interactions:\n", ("interactions:\n  ‸visit: {label: Visit, why: To greet, "
     "category: Communication, sensitivity: ordinary, sources: [told], retention: P1Y}\n"),
     "No purpose uses `interaction.visit`", "Delete it, or name it"),
    ("no recipient declared", [(("recipients:\n  delivery: {name: Planner, team: Logistics, country: IE}\n"
     "  loyalty: {name: Card, team: Shops, country: IE}\n"), ""),
     ("    recipients: [loyalty]", "    recipients: ‸[loyalty]")],
     "'loyalty' is not declared", "None is declared: declare one first"),
    ("field not declared", "      preferences.note: [read]", "      ‸preferences.nota: [read]",
     "'preferences.nota' is not declared", "Did you mean 'preferences.note'?"),
    ("required and optional", "      preferences.note: [read]\n",
     "      preferences.note: [read]\n      ‸contact.email: [read]\n",
     "both required and optional", "Keep one"),
    ("appending a field", "contact.birth_date: [read]", "‸contact.birth_date: [append]",
     "has no action 'append'", "Write one of: read, write"),
    ("writing an event", "interaction.purchase: [read, append]",
     "‸interaction.purchase: [read, write]", "has no action 'write'", "read, append"),
    ("special without explicit", [("    category: FavouriteFood\n    sensitivity: ordinary",
     "    category: FavouriteFood\n    sensitivity: special"),
     ("preferences.coffee: [read, write]", "‸preferences.coffee: [read, write]")], "needs explicit consent",
     "`explicit: yes`"),
    ("recipient not declared", "recipients: [loyalty]", "recipients: ‸[loyality]", "'loyality'",
     "Did you mean 'loyalty'?"),
    ("unused recipient", "  loyalty: {", "  ‸letters: {name: L, team: L, country: IE}\n  loyalty: {",
     "No purpose names `letters`", "Delete it"),
    ("nobody", [("    staff: [support]\n", ""), ("  fraud:\n", "  ‸fraud:\n")], "Nobody may do this", "Add `recipients: [delivery]`"),
    ("no uses", [(("    required:\n      contact.birth_date: [read]\n    optional:\n"
     "      preferences.coffee: [read, write]\n      interaction.purchase: [read, append]\n"), ""),
     ("  rewards:\n", "  ‸rewards:\n")],
     "The purpose uses nothing", "Add `required:"),
    ("own", "  rewards:\n", "  ‸own:\n", "a clause of the vault itself", "Choose another name"),
    ("page", "  rewards:\n", "  ‸terms:\n", "a page of the portal itself", "Choose another name"),
    ("consent without end", [("    expiry: P12M\n", ""), ("basis: consent", "basis: ‸consent")], "is consent lacks `expiry`", "`expiry: P12M`"),
    ("consent too long", "expiry: P12M", "expiry: ‸P366D", "at most 12 months", "`expiry: P12M`"),
    ("contract with expiry", "until: Until it has arrived.",
     "until: Until it has arrived.\n    expiry: ‸P1M", "has no `expiry`", "Delete it"),
    ("contract without end", [("    until: Until it has arrived.\n", ""), ("basis: contract", "basis: ‸contract")],
     "lacks `until`", "Add `until"),
    ("interest without balancing", [("    balancing: It hurts nobody.\n", ""),
     ("basis: legitimate-interest", "basis: ‸legitimate-interest")], "lacks `balancing`",
     "outweigh"),
    ("duty without law", "basis: contract", "basis: ‸legal-obligation", "lacks `law`", "Add `law"),
    ("law of a contract", "basis: contract", "basis: contract\n    law: ‸Article 5", "has no `law`",
     "Delete it"),
    ("explicit contract", "basis: contract", "basis: contract\n    explicit: ‸yes", "never explicit",
     "`basis: consent`"),
    ("child too young", "terms: [", "children: {age: ‸12}\nterms: [", "is 13 to 16", "the law of your country"),
    ("child too old", "terms: [", "children: {age: ‸17}\nterms: [", "is 13 to 16", "the law of your country"),
    ("cooling too long", "terms: [", "cooling_off: ‸P31D\nterms: [", "longer than 30 days", "P30D or less"),
    ("delay of a contract", "until: Until it has arrived.",
     "until: Until it has arrived.\n    delay: ‸P7D", "is shown at once", "Delete this line"),
    ("delay too long", "until: Until the order is sent.",
     "until: Until the order is sent.\n    delay: ‸P2M", "longer than 30 days", "P30D or less"),
    ("keep without a law", "until: Until it has arrived.",
     "until: Until it has arrived.\n    keep: ‸P6Y", "Only a law keeps", "legal-obligation"),
    ("letter of the vault", "  rewards:\n", "  ‸notice:\n", "a clause of the vault itself", "Choose another name"),
    ("check of the log", "  rewards:\n", "  ‸audit.rewards:\n", "a clause of the vault itself", "Choose another name"),
    ("guilt", "without: You buy as before.", "without: ‸Sadly you will miss out.", "'Sadly' presses",
     "without regret"),
]  # fmt: skip


def rows():
    for name, *change, what, advice in (*FORM, *CLAUSES):
        assert isinstance(name, str)
        pairs = change[0] if len(change) == 1 else [tuple(change)]
        yield pytest.param(pairs, what, advice, id=name)


@pytest.mark.parametrize(("pairs", "what", "advice"), list(rows()))
def test_a_mistake_is_told_with_its_place_and_what_to_write(pairs, what, advice):
    before, mark, after = swapped(*pairs).partition("‸")
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
