"""A small good code that says all of contacts, methods, benefits, surveys and duplicates."""

from policies.compile import compile_
from policies.model import Rulebook
from tests.policies.documents import swapped

_FIELDS = """\
  preferences.often:
    label: How often
    why: To thank you.
    type: choice
    choices: {seldom: Seldom, often: Often}
    category: Preference
    sensitivity: ordinary
    sources: [inferred]
    retention: P1Y
  preferences.looks_for:
    label: What you look for
    why: To suggest less.
    type: choice
    choices: {quick: Quick, craft: Craft}
    category: Preference
    sensitivity: ordinary
    sources: [inferred]
    retention: P1Y
  preferences.way:
    label: How you talk to us
    why: To answer there.
    type: choice
    choices: {shop: In the shop, phone: By telephone}
    category: Preference
    sensitivity: ordinary
    sources: [inferred]
    retention: P1Y
  preferences.spent:
    label: What you spend
    why: To have enough of it.
    type: number
    category: Preference
    sensitivity: ordinary
    sources: [inferred]
    retention: P1Y
  preferences.gifts:
    label: Gifts wrapped
    why: To wrap them.
    type: flag
    category: Preference
    sensitivity: ordinary
    sources: [told]
    retention: P1Y
interactions:
  call:
    label: Call
    why: To remember it.
    category: CallLog
    sensitivity: ordinary
    sources: [observed]
    retention: P1Y
  letter_sent:
    label: Letter from us
    why: To know what we wrote.
    category: Communication
    sensitivity: ordinary
    sources: [observed]
    retention: P1Y
    reaches: post
  answer:
    label: Answer
    why: To act on it.
    category: Opinion
    sensitivity: ordinary
    sources: [told]
    retention: P1Y
    follow_up: {within: P5D, owner: support}
  feedback:
    label: What you tell us
    why: To do better.
    category: Opinion
    sensitivity: ordinary
    sources: [told]
    retention: P1Y
    portal: yes
"""
_USES = """\
      contact.email: [read]
      preferences.often: [read, write]
      preferences.looks_for: [read, write]
      preferences.way: [read, write]
      preferences.spent: [read, write]
      preferences.gifts: [read]
      interaction.call: [read]
      interaction.letter_sent: [read, append]
      interaction.answer: [read, append]
      interaction.feedback: [read]
"""
_REST = """\
derivations:
  often:
    label: How often
    how: We count.
    field: preferences.often
    from: [interaction.purchase]
    automation: FullAutomation
    purposes: [rewards]
    contest: Say so.
    method: {function: frequency, period: P12M, least: 2, bands: {seldom: 0, often: 12}}
  needs:
    label: What you look for
    how: From what you like.
    field: preferences.looks_for
    from: [preferences.coffee, preferences.gifts]
    automation: FullAutomation
    purposes: [rewards]
    contest: Say so.
    method:
      function: needs
      segments:
        quick: {preferences.coffee: [espresso], preferences.gifts: [no]}
        craft: {preferences.coffee: [filter]}
  way:
    label: How you talk to us
    how: The way of most.
    field: preferences.way
    from: [interaction.call, interaction.purchase]
    automation: FullAutomation
    purposes: [rewards]
    contest: Say so.
    method: {function: channel, period: P6M, ways: {shop: [purchase], phone: [call]}}
  spent:
    label: What you spend
    how: We add up.
    field: preferences.spent
    from: [interaction.purchase]
    automation: FullAutomation
    purposes: [rewards]
    contest: Say so.
    method: {function: value, period: P12M, fact: total}
surveys:
  visit:
    label: Your visit
    invitation: How was it?
    thanks: Thank you.
    purpose: rewards
    after: [interaction.purchase]
    answer: interaction.answer
    channel: email
    wait: P1D
    at_most: P90D
    expires: P30D
    questions:
      recommend: {type: nps, label: Would you recommend us, low: 6}
      matter: {type: choice, label: What mattered, choices: {taste: Taste, wait: Wait}}
      words: {type: text, label: What else}
duplicates:
  purpose: delivery
  same: [[contact.email, preferences.note]]
minimum_group: 20
"""
KNOWN = swapped(
    ("  observed: We saw it while we served you.\n",
     "  observed: We saw it while we served you.\n  inferred: We work it out.\n"),
    ("interactions:\n", _FIELDS),
    ("    expiry: P12M\n", ("    expiry: P12M\n    profiling: yes\n    benefits:\n"
     "      birthday: {label: A drink on your birthday, needs: [contact.birth_date]}\n")),
    ("      interaction.purchase: [read, append]\n",
     f"      interaction.purchase: [read, append]\n{_USES}"),
    ("terms: [pause, never-purpose]\n", f"terms: [pause, at-most]\n{_REST}"),
)  # fmt: skip


def known(*pairs: tuple[str, str]) -> Rulebook:
    """Compile it, with each first text replaced by its second."""
    return compile_(swapped(*pairs, text=KNOWN).encode(), name="known.yaml")
