"""Give ids of the code of ethics the names that people know, and values the form they read.

What the code does not name any more keeps its id: a line of the past must still say something.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from policies.model import Field, FieldType, InteractionKind, Rulebook
from policies.names import AUDIT, FOLLOW_UP, HOLD, REQUEST
from portal.language import N_, translate
from portal.words import day
from vault.core.log_look import Why

# Of groups that many codes of ethics have; others are called by their own name.
_GROUPS: Final = {
    "contact": N_("How to reach you"),
    "preferences": N_("What you like"),
    "loyalty": N_("Your loyalty card"),
    "account": N_("Your account"),
}
# Why staff checked a line: no clause of a code of ethics, so named here.
WHY: Final[Mapping[str, str]] = {
    Why.QUESTION: N_("Checked an entry of the access log: somebody asked about it"),
    Why.ALERT: N_("Checked an entry of the access log: an alert"),
    Why.CONTROL: N_("Checked an entry of the access log: a routine check"),
    Why.AUTHORITY: N_("Checked an entry of the access log: an authority or a court asked"),
}


@dataclass(frozen=True, slots=True)
class Labels:
    """The names of one code in one language."""

    rulebook: Rulebook
    lang: str

    def of(self, name: str) -> str:
        """Return the label of a field or interaction kind."""
        found: Field | InteractionKind | None = self.rulebook.fields.get(name)
        found = found or self.rulebook.interactions.get(name)
        if name == REQUEST:
            return translate(self.lang, N_("What was said on a request"))
        if name == FOLLOW_UP:
            return translate(self.lang, N_("How what follows a contact stands"))
        if name == HOLD:
            return translate(self.lang, N_("Why there is a legal hold"))
        if name == AUDIT:
            return translate(self.lang, N_("What an entry of the access log says"))
        return found.label.get(self.lang) if found else name

    def all_of(self, names: Iterable[str]) -> tuple[str, ...]:
        """Return the labels of fields and interaction kinds, in their order."""
        return tuple(self.of(name) for name in names)

    def purpose(self, purpose: str) -> str:
        """Return the label of a purpose."""
        if purpose in WHY:
            return translate(self.lang, WHY[purpose])
        found = self.rulebook.purposes.get(purpose)
        if purpose == HOLD:
            return translate(self.lang, N_("A legal hold"))
        return found.label.get(self.lang) if found else purpose

    def app(self, app: str) -> str:
        """Return the name of an app, with its team."""
        found = self.rulebook.recipients.get(app)
        if found is None:
            return app
        return f"{found.name.get(self.lang)} ({found.team.get(self.lang)})"

    def apps(self, apps: Iterable[str]) -> tuple[str, ...]:
        """Return the names of apps, in their order."""
        return tuple(self.app(app) for app in apps)

    def group(self, group: str) -> str:
        """Return the heading of a group of fields: the code's own, where it names its groups."""
        named = self.rulebook.group_label(group, self.lang)
        if named is not None:
            return named
        known = _GROUPS.get(group)
        return translate(self.lang, known) if known else group.replace("_", " ").capitalize()

    def lines(self, field: Field, value: object) -> tuple[str, ...]:
        """Return a stored value as lines of text; what has no known form is shown as it is."""
        if isinstance(value, (list, tuple)):
            return tuple(line for item in value for line in self.lines(field, item))
        if isinstance(value, bool):
            return (translate(self.lang, N_("Yes") if value else N_("No")),)
        text = str(value)
        if field.choices:
            labels = {choice.id: choice.label.get(self.lang) for choice in field.choices}
            return (labels.get(text, text),)
        if field.type is FieldType.DATE:
            try:
                return (day(date.fromisoformat(text), self.lang).text,)
            except ValueError:
                return (text,)
        return (text,)  # whole: a line feed in it is shown as one
