"""Mistakes that a publisher may make, each as a small edit of a good code of ethics.

In each row the second text replaces the first; `‸` stands where the error must point. Then come what
the error says and what it advises. `FORM` and `CLAUSES` edit `GOOD`, `SECTIONS` edits `RICH`.
"""

from tests.policies.documents import swapped
from tests.policies.test_derivations import DERIVATION, TEXT, VALUE

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

GROUPS = """\
groups:
  contact: {label: Contact, why: To reach you.}
  preferences: {label: Likes, why: To please you.}
  traits: {label: Conclusions, why: To suggest less.}
"""
NEVER = """\
never:
  selling: {text: We never sell., types: [SellDataToThirdParties]}
  guessing: {text: We never guess., profiling: yes, bases: [contract]}
"""
MEASURES = """\
measures:
  - Each value is encrypted.
"""
RICH = swapped((DERIVATION, GROUPS + NEVER + MEASURES + DERIVATION), text=TEXT)

_SELLING = "  selling: {text: We never sell., types: [SellDataToThirdParties]}"
_FULL = "automation: FullAutomation"
_RUNS = ("purposes: [rewards]", "purposes: ‸[rewards]")
_OTHER = """\
  again:
    label: Again
    how: By the eye.
    field: ‸traits.value
    from: [interaction.purchase]
    automation: NotAutomated
    purposes: [rewards]
    contest: Tell us.
"""
_WORTH = VALUE.replace("traits.value", "traits.worth")
_CIRCLE = DERIVATION.replace("derivations:\n  value:", "  worth:")
_CIRCLE = _CIRCLE.replace("traits.value", "traits.worth").replace(
    "from: [", "from: [traits.value, "
)

SECTIONS = [
    # --- groups
    ("group of no field", "  traits: {label: Con", "  ‸machines: {label: M, why: W}\n  traits: {label: Con",
     "The group `machines` has no field", "Delete it"),
    ("group without a name", [("  traits: {label: Conclusions, why: To suggest less.}\n", ""),
     ("  traits.value:\n    label", "  ‸traits.value:\n    label")],
     "The group `traits` has no name", "Add `traits: {label: …, why: …}`"),
    ("group without a reason", "  contact: {label: Contact, why: To reach you.}", "  contact: ‸{label: Contact}",
     "`groups.contact` lacks `why`", "Write `why: To reach you.`"),
    ("name of a group", "  traits: {label: Con", "  ‸Traits: {label: Con", "'Traits' is no name", "like `contact`"),
    ("key of a group", "{label: Contact, why", "{label: Contact, ‸icon: x, why", "has no key 'icon'", "label, why"),
    # --- promises
    ("promise without a condition", _SELLING, "  ‸selling: {text: We never sell.}",
     "names nothing that a clause", "Add `types: [SellDataToThirdParties]`"),
    ("promise without a text", _SELLING, "  selling: ‸{types: [SellDataToThirdParties]}",
     "`never.selling` lacks `text`", "Write `text: We do not sell"),
    ("promise on no type", "types: [SellDataToThirdParties]", "types: ‸[SellDataToThirdParty]",
     "is no type of purpose", "Did you mean 'SellDataToThirdParties'?"),
    ("promise on no category", "types: [SellDataToThirdParties]", "categories: ‸[Email]",
     "'Email' is no category", "EmailAddress"),
    ("promise on no place", "types: [SellDataToThirdParties]", "countries_outside: ‸[Europe]",
     "'Europe' is no country and no region", "Write one of: EU, EEA"),
    ("promise on recipients", "types: [SellDataToThirdParties]", "recipients: ‸outside",
     "'outside' cannot stand for `recipients`", "Write `recipients: external`"),
    ("promise on no basis", "bases: [contract]", "bases: [‸contracts]", "'contracts' is no word", "'contract'"),
    ("promise on a source", "bases: [contract]", "sources: [‸guessed]", "'guessed' is no word", "told"),
    ("promise and a flag", "profiling: yes, bases", "profiling: ‸maybe, bases", "'maybe' cannot", "profiling: yes"),
    ("clause under a promise", [("bases: [contract]", "bases: [consent]"), ("  rewards:\n", "  ‸rewards:\n")],
     "`rewards` does what `guessing` in line", "Take out of the purpose"),
    ("clause under a promise on a category", [("types: [SellDataToThirdParties]", "categories: [Contact]"),
     ("  delivery:\n    label", "  ‸delivery:\n    label")], "`delivery` does what `selling`", "Take out"),
    ("guilt in a promise", "text: We never sell.,", "text: ‸You will miss out.,", "'miss out' presses", "regret"),
    # --- derivations
    ("no way to contest", [("    contest: Tell us, and it is deleted.\n", ""), ("  value:\n    label", "  value:\n    ‸label")],
     "`derivations.value` lacks `contest`", "Write `contest: Say so"),
    ("automation", _FULL, "automation: ‸full", "'full' is no word", "FullAutomation"),
    ("inputs", "from: [interaction.purchase, preferences.coffee]", "from: ‸[]", "`from` should be a list", "from: ["),
    ("target with a capital", "field: traits.value", "field: ‸Traits.value", "'Traits.value' cannot", "`field: traits.f"),
    ("target not declared", "field: traits.value", "field: ‸traits.values", "'traits.values' is not declared",
     "Did you mean 'traits.value'?"),
    ("target not inferred", "field: traits.value", "field: ‸preferences.note",
     "`preferences.note` is not gathered by inference", "Add `inferred` to its sources"),
    ("input not declared", "from: [interaction.purchase, ", "from: ‸[interaction.purchace, ",
     "'interaction.purchace' is not declared", "Did you mean 'interaction.purchase'?"),
    ("special input", [("category: FavouriteFood\n    sensitivity: ordinary", "category: FavouriteFood\n    sensitivity: special"),
     ("    profiling: yes\n", "    profiling: yes\n    explicit: yes\n"), ("from: [int", "from: ‸[int")],
     "from which nothing is inferred", "Take it out of this list"),
    ("special target", [("category: PurchasesAndSpendingHabit\n    sensitivity: ordinary",
     "category: PurchasesAndSpendingHabit\n    sensitivity: special"),
     ("    profiling: yes\n", "    profiling: yes\n    explicit: yes\n"), ("field: traits.value", "field: ‸traits.value")],
     "which is never inferred", "Ask the customer"),
    ("from itself", "from: [interaction.purchase, ", "from: ‸[traits.value, interaction.purchase, ",
     "`traits.value` is inferred from itself: traits.value from traits.value", "Take one of them out"),
    ("from itself by another", [("interactions:\n", f"{_WORTH}interactions:\n"),
     ("traits.value: [read, write]\n", "traits.value: [read, write]\n      traits.worth: [read, write]\n"),
     ("from: [interaction.purchase, ", "from: ‸[traits.worth, interaction.purchase, "),
     ("contest: Tell us, and it is deleted.\n", f"contest: Tell us.\n{_CIRCLE}")],
     "traits.value from traits.worth from traits.value", "Take one of them out"),
    ("purpose of a derivation", "purposes: [rewards]", "purposes: ‸[reward]", "'reward' is no purpose", "'rewards'"),
    ("may not write", [("traits.value: [read, write]", "traits.value: [read]"), _RUNS],
     "`rewards` may not write `traits.value`", "Add `traits.value: [read, write]`"),
    ("may not read", [("interaction.purchase: [read, append]", "interaction.purchase: [append]"), _RUNS],
     "`rewards` may not read `interaction.purchase`", "Add `interaction.purchase: [read]`"),
    ("profiling not said", [("    profiling: yes\n", ""), _RUNS], "`rewards` lets a machine evaluate", "profiling: yes"),
    ("decides without a basis", [("contest: Tell", "decides: yes\n    human: Call us.\n    contest: Tell"), _RUNS],
     "`rewards` has no basis on which an inference may decide", "`explicit: yes`"),
    ("decides without a person", [("    profiling: yes\n", "    profiling: yes\n    explicit: yes\n"),
     ("  value:\n", "  ‸value:\n"), ("contest: Tell", "decides: yes\n    contest: Tell")],
     "lacks `human`", "Add `human: …`"),
    ("inferred twice", "contest: Tell us, and it is deleted.\n", f"contest: Tell us.\n{_OTHER}",
     "`traits.value` is inferred by `value` already", "Keep one of the two"),
    ("inferred event", "    sources: [observed]", "    sources: ‸[observed, inferred]",
     "A contact event is never inferred", "Take `inferred` out"),
    ("inferred without a derivation", [(DERIVATION, ""), ("sources: [inferred]", "sources: ‸[inferred]")],
     "Nothing says how `traits.value` is inferred", "Add it under `derivations`"),
    # --- the rest
    ("third country", "team: Shops, country: IE", "team: Shops, country: ‸US",
     "`loyalty` runs in a third country (US) and lacks `safeguard`", "such as standard clauses"),
    ("assessment", "    profiling: yes\n", "    profiling: yes\n    assessment: ‸http://shop.example.org\n",
     "cannot stand for `assessment`", "`assessment: https://"),
    ("no measures", "measures:\n  - Each value is encrypted.\n", "measures: ‸[]\n", "`measures` should be a list", "[Every"),
    ("measure twice", "  - Each value is encrypted.\n", "  - Each value is encrypted.\n  - ‸Each value is encrypted.\n",
     "twice in `measures`", "Keep one"),
    ("missing language", [("languages: [en]", "languages: [en, pt-PT]"), ("  - We never sell what", "  - ‸We never sell what")],
     "`promises` is in one language only", "Write it in each: en, pt-PT."),
]  # fmt: skip
