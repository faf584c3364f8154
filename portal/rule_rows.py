"""Lay the customer's own rules out as rows: what it is about, how it stands, what can be pressed.

Each row is a form of its own with one press, the same on every page that shows it. A row that
cannot be pressed says why. What a press does is for `vault/services/terms.py`.
"""

from dataclasses import dataclass

from policies.model import Basis, Channel, Purpose, Term
from portal import term_words
from portal.labels import Labels
from portal.language import N_, translate
from portal.state import Badge
from vault.core import own_terms
from vault.core.own_terms import MailKind, Rule
from vault.services.terms import Standing


@dataclass(frozen=True, slots=True)
class Press:
    """One button of a row."""

    rule: str  # what the form sends
    words: str


@dataclass(frozen=True, slots=True)
class Row:
    """One rule that the customer can set or lift, or one that nobody can."""

    do: str  # what the form sends, with `name`: the kind of rule and what it is about
    name: str
    label: str
    about: str  # one line; "" for none
    state: Badge
    presses: tuple[Press, ...]
    csrf: str


@dataclass(frozen=True, slots=True)
class Rows:
    """Makes rows for one customer in one language."""

    standing: Standing
    labels: Labels
    csrf: str  # of a form to `/privacy/terms`

    def pause(self) -> Row | None:
        """Return the row of the pause; None where there is none and the code offers none."""
        return self._switch(
            Term.PAUSE,
            self.standing.terms.paused,
            (
                N_("Pause"),
                N_("Nothing that rests on your consent is read until you end the pause."),
                N_("Paused"),
                N_("Pause everything"),
                N_("End the pause"),
            ),
        )

    def profiling(self) -> Row | None:
        """Return the row of no profiling; None as for `pause`."""
        return self._switch(
            Term.NO_PROFILING,
            self.standing.terms.no_profiling,
            (
                N_("Profiling"),
                N_("Judging or grouping you by what is known of you."),
                N_("Never"),
                N_("Never profile me"),
                N_("Take this rule away"),
            ),
        )

    def sharing(self) -> Row | None:
        """Return the row of no sharing; None as for `pause`."""
        return self._switch(
            Term.NO_SHARING,
            self.standing.terms.no_sharing,
            (
                N_("Passing on to another business"),
                N_("Without it, what such a business does for you cannot be done."),
                N_("Never"),
                N_("Never pass anything on"),
                N_("Take this rule away"),
            ),
        )

    def channels(self) -> tuple[Row, ...]:
        """Return a row for each way to be reached, none where the code offers none."""
        shut = self.standing.terms.never_channels
        return tuple(
            self._never(
                "channel", one.value, term_words.channel(one, self.labels.lang), one in shut
            )
            for one in Channel
            if one in shut or self._offers(Term.NEVER_CHANNEL)
        )

    def mails(self) -> tuple[Row, ...]:
        """Return a row for each kind of letters that one can do without."""
        off = self.standing.terms.no_mails
        return tuple(
            Row(
                do="mails",
                name=kind.value,
                label=term_words.mail(kind, self.labels.lang),
                about="",
                state=self._badge(Rule.NEVER if kind in off else Rule.OPEN),
                presses=(
                    self._press(Rule.OPEN, N_("Send them again"))
                    if kind in off
                    else self._press(Rule.NEVER, N_("Do not send them")),
                ),
                csrf=self.csrf,
            )
            for kind in MailKind
        )

    def apps(self) -> tuple[Row, ...]:
        """Return a row for each app that a rule can reach, and for each that a rule names."""
        book, shut = self.standing.rulebook, self.standing.terms.never_apps
        known = [app for app in book.recipients if not own_terms.is_duty(book, app)]
        return tuple(
            self._never("app", app, self.labels.app(app), app in shut)
            for app in [*known, *sorted(shut - set(known))]
            if app in shut or self._offers(Term.NEVER_APP)
        )

    def purposes(self) -> tuple[Row, ...]:
        """Return a row for each purpose that a rule can reach, and for each that a rule names."""
        terms, code = self.standing.terms, self.standing.rulebook.code
        known = [one for one in code.purposes if one.basis is not Basis.LEGAL_OBLIGATION]
        gone = (terms.never_purposes | terms.ask_each_time) - {one.id for one in known}
        return (
            *(self._purpose(one.id, one) for one in known),
            *(self._purpose(name, None) for name in sorted(gone)),
        )

    def set_by_hand(self) -> tuple[Row, ...]:
        """Return the rows of purposes and apps that a rule names, save those of the level."""
        terms = self.standing.terms
        of_level = set() if self.standing.level is None else terms.never_purposes
        named = (terms.never_purposes - of_level) | terms.ask_each_time
        return (
            *(row for row in self.purposes() if row.name in named),
            *(row for row in self.apps() if row.name in terms.never_apps),
        )

    def locked(self) -> tuple[Row, ...]:
        """Return the purposes that a law demands, each with the law."""
        lang = self.labels.lang
        return tuple(
            Row(
                do="",
                name=one.id,
                label=one.label.get(lang),
                about=(one.law or one.why).get(lang),
                state=Badge(translate(lang, N_("The law demands it")), "law", "law"),
                presses=(),
                csrf="",
            )
            for one in self.standing.rulebook.code.purposes
            if one.basis is Basis.LEGAL_OBLIGATION
        )

    def _purpose(self, name: str, purpose: Purpose | None) -> Row:
        terms = self.standing.terms
        rule = Rule.OPEN
        if name in terms.ask_each_time:
            rule = Rule.ASK
        if name in terms.never_purposes:
            rule = Rule.NEVER
        presses = []
        if rule is not Rule.NEVER and purpose and self._offers(Term.NEVER_PURPOSE):
            presses.append(self._press(Rule.NEVER, N_("Never")))
        if rule is not Rule.ASK and purpose and self._offers(Term.ASK_EACH_TIME):
            presses.append(self._press(Rule.ASK, N_("Only while I am there")))
        if rule is not Rule.OPEN:
            presses.append(self._press(Rule.OPEN, N_("Take this rule away")))
        return Row(
            do="purpose",
            name=name,
            label=self.labels.purpose(name),
            about=purpose.without.get(self.labels.lang) if purpose else "",
            state=self._badge(rule),
            presses=tuple(presses),
            csrf=self.csrf,
        )

    def _switch(self, term: Term, on: bool, words: tuple[str, str, str, str, str]) -> Row | None:  # noqa: FBT001  a pair with its name
        if not on and not self._offers(term):
            return None
        label, about, is_on, set_, lift = (translate(self.labels.lang, one) for one in words)
        none = self._badge(Rule.OPEN)
        press = Press(Rule.OPEN, lift) if on else Press(Rule.NEVER, set_)
        state = Badge(is_on, "off", "off") if on else none
        return Row("switch", term.value, label, about, state, (press,), self.csrf)

    def _never(self, do: str, name: str, label: str, shut: bool) -> Row:  # noqa: FBT001  a pair with its name
        press = (
            self._press(Rule.OPEN, N_("Take this rule away"))
            if shut
            else self._press(Rule.NEVER, N_("Never"))
        )
        state = self._badge(Rule.NEVER if shut else Rule.OPEN)
        return Row(do, name, label, "", state, (press,), self.csrf)

    def _press(self, rule: Rule, words: str) -> Press:
        return Press(rule.value, translate(self.labels.lang, words))

    def _badge(self, rule: Rule) -> Badge:
        lang = self.labels.lang
        if rule is Rule.NEVER:
            return Badge(translate(lang, N_("Never")), "off", "off")
        if rule is Rule.ASK:
            return Badge(translate(lang, N_("Only while you are there")), "open", "open")
        return Badge(translate(lang, N_("No rule of yours")), "on", "law")

    def _offers(self, term: Term) -> bool:
        return term in self.standing.rulebook.code.terms
