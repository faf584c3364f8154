"""Mistakes in what a code says of contacts, methods, benefits, surveys and duplicates.

Rows are as in `tests/policies/mistakes.py`; they edit `KNOWN`.
"""

_OFTEN = "    method: {function: frequency, period: P12M, least: 2, bands: {seldom: 0, often: 12}}"
_SPENT = "    method: {function: value, period: P12M, fact: total}"
_QUICK = "        quick: {preferences.coffee: [espresso], preferences.gifts: [no]}"
_NPS = "{type: nps, label: Would you recommend us, low: 6}"
_WORDS = "{type: text, label: What else}"
_SAME = "  same: [[contact.email, preferences.note]]"
_MANY = "".join(f"      q{n}: {{type: text, label: Q}}\n" for n in range(8))
_SPECIAL = [
    (("    why: To leave parcels where you want them.\n    type: text\n    max_length: 300\n"
     "    category: Preference\n    sensitivity: ordinary"),
     ("    why: To leave parcels where you want them.\n    type: text\n    max_length: 300\n"
     "    category: Preference\n    sensitivity: special")),
    (_SAME, "  same: ‸[[contact.email, preferences.note]]"),
]  # fmt: skip

METHODS = [
    ("no such function", "{function: frequency,", "{function: ‸often,", "'often' is no word", "frequency"),
    ("without a period", _OFTEN, "    method: ‸{function: frequency, bands: {seldom: 0}}",
     "The function frequency lacks `period`", "Add `period: …`"),
    ("without a fact", _SPENT, "    method: ‸{function: value, period: P12M}", "value lacks `fact`", "Add `fact: …`"),
    ("without segments", ("      function: needs\n      segments:\n" + _QUICK
     + "\n        craft: {preferences.coffee: [filter]}\n"), "      ‸function: needs\n",
     "needs lacks `segments`", "Add `segments: …`"),
    ("period of needs", "      function: needs\n", "      function: needs\n      period: ‸P1Y\n",
     "needs has no use for `period`", "Delete it"),
    ("least of the last", _OFTEN, "    method: {function: recency, least: ‸3}", "recency has no use for `least`", "Delete"),
    ("by hand", [("    method: {function: value", "    method: ‸{function: value"),
     (("    from: [interaction.purchase]\n    automation: FullAutomation\n    purposes: [rewards]\n"
      "    contest: Say so.\n    method: ‸"), ("    from: [interaction.purchase]\n    automation: HighAutomation\n"
      "    purposes: [rewards]\n    contest: Say so.\n    method: ‸"))], "by a machine alone", "FullAutomation"),
    ("counts a detail", "    field: preferences.often\n    from: [", "    field: preferences.often\n    from: ‸[contact.email, ",
     "frequency works with contact events, and 'contact.email' is none", "Take it out"),
    ("needs of an event", "    from: [preferences.coffee, ", "    from: ‸[interaction.call, preferences.coffee, ",
     "needs works with details, and 'interaction.call' is none", "Take it out"),
    ("condition on no input", "        craft: {preferences.coffee", "        craft: {‸preferences.coffe",
     "'preferences.coffe' is not in the list `from`", "'preferences.coffee'"),
    ("no such choice", "craft: {preferences.coffee: [filter]}", "craft: {‸preferences.coffee: [filtre]}",
     "`preferences.coffee` has no choice 'filtre'", "'filter'"),
    ("neither yes nor no", "preferences.gifts: [no]", "‸preferences.gifts: [never]",
     "`preferences.gifts` has no choice 'never'", "yes, no"),
    ("condition on a text", [("    from: [preferences.coffee, ", "    from: [preferences.note, preferences.coffee, "),
     ("craft: {preferences.coffee: [filter]}", "craft: {‸preferences.note: [a]}")],
     "is neither a choice, a list nor a yes or no", "Take it out of the conditions"),
    ("way on no input", "phone: [call]}", "‸phone: [cal]}", "'interaction.cal' is not in the list", "'interaction.call'"),
    ("yields a number", _OFTEN, "    method: ‸{function: frequency, period: P12M}",
     "This yields a number, and `preferences.often` is a choice", "Write `type: number` there"),
    ("yields a choice", _SPENT, "    method: ‸{function: value, period: P12M, fact: total, bands: {little: 0}}",
     "This yields a choice, and `preferences.spent` is a number", "Write `type: choice` there"),
    ("no such band", "{seldom: 0, often: 12}", "{‸never: 0, often: 12}",
     "`preferences.often` has no choice 'never'", "seldom, often"),
    ("bands that fall", "{seldom: 0, often: 12}", "‸{seldom: 12, often: 0}", "ever higher numbers", "to the highest"),
    ("band at a word", "{seldom: 0, often: 12}", "{seldom: ‸none, often: 12}", "'none' cannot stand for `bands`", "bands"),
    ("name of a band", "{seldom: 0, often: 12}", "{‸Seldom: 0, often: 12}", "'Seldom' is no name", "like `seldom`"),
    ("method of no field", "    field: preferences.spent\n", "    field: ‸preferences.spend\n",
     "'preferences.spend' is not declared", "'preferences.spent'"),
    ("no conditions", "craft: {preferences.coffee: [filter]}", "craft: ‸[]", "should be a mapping", "Write"),
]  # fmt: skip

SURVEYS = [
    # --- contacts
    ("written by whom", "    retention: P1Y\n    reaches: post", "    retention: P1Y\n    portal: ‸yes",
     "`letter_sent` is not told", "Add `told` to its sources"),
    ("reaches and written", [("    sources: [told]\n    retention: P1Y\n    portal: yes",
     "    sources: [told]\n    retention: P1Y\n    reaches: post\n    portal: ‸yes")],
     "is the business reaching a customer", "Keep one of `portal` and `reaches`"),
    ("by pigeon", "    reaches: post", "    reaches: ‸pigeon", "'pigeon' is no word for `reaches`", "phone"),
    ("follow-up by nobody", "{within: P5D, owner: support}", "‸{within: P5D}", "lacks `owner`", "Write `owner: support`"),
    ("follow-up some day", "{within: P5D, owner", "{within: ‸soon, owner", "'soon' cannot stand", "P5D"),
    # --- benefits
    ("benefit for what is not used", "needs: [contact.birth_date]", "needs: ‸[preferences.note]",
     "`rewards` does not use 'preferences.note'", "Did you mean 'preferences."),
    ("benefit for nothing", "needs: [contact.birth_date]", "needs: ‸[]", "`needs` should be a list", "[contact.birth"),
    # --- surveys
    ("survey for no purpose", "    purpose: rewards\n    after", "    purpose: ‸reward\n    after",
     "'reward' is no purpose", "'rewards'"),
    ("answer not declared", "answer: interaction.answer", "answer: ‸interaction.answerr",
     "'interaction.answerr' is not declared", "'interaction.answer'"),
    ("answer not followed up", [("    follow_up: {within: P5D, owner: support}\n", ""),
     ("answer: interaction.answer", "answer: ‸interaction.answer")], "that is followed up", "Add `told`"),
    ("answer not told", "answer: interaction.answer", "answer: ‸interaction.call", "no kind that customers tell", "told"),
    ("answer not added", [("interaction.answer: [read, append]", "interaction.answer: [read]"),
     ("answer: interaction.answer", "answer: ‸interaction.answer")], "`rewards` may not add", "[read, append]"),
    ("after what is not declared", "after: [interaction.purchase]", "after: ‸[interaction.visit]",
     "'interaction.visit' is not declared under", "Did you mean 'interaction."),
    ("after what is not read", [("interaction.letter_sent: [read, append]", "interaction.letter_sent: [append]"),
     ("after: [interaction.purchase]", "after: ‸[interaction.letter_sent]")],
     "`rewards` may not read `interaction.letter_sent`", "Add `interaction.letter_sent: [read]`"),
    ("reached by nothing", "    channel: email", "    channel: ‸phone", "uses nothing by which phone reaches", "type phone"),
    ("link for a year", "expires: P30D", "expires: ‸P1Y", "for 90 days at the most", "P90D or less"),
    ("eleven questions", [("    questions:\n", "    questions:\n      ‸recommend_more: " + _WORDS + "\n" + _MANY)],
     "10 questions at the most", "Ask less"),
    ("no questions", "    questions:\n", "    questions: ‸[]\n    others:\n", "`questions` should be a mapping", "nps"),
    ("nothing to choose", "      words: " + _WORDS, "      ‸words: {type: several, label: What else}",
     "There is nothing to choose", "Add `choices:"),
    ("choices of words", _WORDS, "{type: text, label: What else, choices: ‸{taste: Taste}}",
     "type text has no choices", "Write `type: choice`"),
    ("low words", _WORDS, "{type: text, label: What else, low: ‸2}", "no such low score", "delete this line"),
    ("always low", _NPS, "{type: nps, label: Would you recommend us, low: ‸10}", "no such low score", "a lower number"),
    ("guilt in an invitation", "invitation: How was it?", "invitation: ‸Are you sure you will not tell us?",
     "presses the customer", "without regret"),
    # --- duplicates and groups
    ("duplicates for no purpose", "duplicates:\n  purpose: delivery", "duplicates:\n  purpose: ‸deliver",
     "'deliver' is no purpose", "'delivery'"),
    ("alike in what is not declared", _SAME, "  same: ‸[[contact.mail]]", "'contact.mail' is not declared", "contact.email"),
    ("alike in what is not read", _SAME, "  same: ‸[[contact.birth_date]]",
     "`delivery` may not read `contact.birth_date`", "Add `contact.birth_date: [read]`"),
    ("alike in faith", _SPECIAL, "by which nobody is compared", "Take it out"),
    ("alike in a choice", [("      preferences.note: [read]\n", "      preferences.note: [read]\n      preferences.coffee: [read]\n"),
     (_SAME, "  same: ‸[[preferences.coffee]]")], "Many people share a value", "Take it out"),
    ("alike in nothing", _SAME, "  same: ‸[]", "`same` should be a list", "[[contact.full_name"),
    ("a group of four", "minimum_group: 20", "minimum_group: ‸4", "has 5 to 1000 customers", "minimum_group: 10"),
    ("a group of all", "minimum_group: 20", "minimum_group: ‸1001", "has 5 to 1000 customers", "minimum_group: 10"),
]  # fmt: skip
