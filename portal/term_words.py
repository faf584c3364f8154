"""Say the customer's own terms in words: each of them, and each change of them.

The names are those of `vault/core/own_terms.py`; which of them may be set is not known here.
"""

from collections.abc import Iterable
from typing import Final

from policies.model import Channel
from portal.labels import Labels
from portal.language import N_, translate
from vault.core.levels import Level
from vault.core.own_terms import Changed, MailKind

CHANNELS: Final = {
    Channel.PHONE: N_("By telephone"),
    Channel.EMAIL: N_("By e-mail"),
    Channel.POST: N_("By letter"),
}
MAILS: Final = {
    MailKind.REMINDERS: N_("Reminders that something you allowed ends soon"),
    MailKind.RECEIPTS: N_("Receipts of what you decided"),
    MailKind.SURVEYS: N_("Questions about how it was"),
}
LEVELS: Final = {
    Level.NEEDED: N_("Only what is needed"),
    Level.IMPROVE: N_("Help improve things"),
    Level.KNOWN: N_("Know me well"),
}
# What is set, then what is lifted.
_SAID: Final = {
    "paused": (
        N_("You paused everything that rests on your consent."),
        N_("You ended the pause. What you allowed before holds again."),
    ),
    "never_purposes": (N_("Never: {name}."), N_("No longer ruled out: {name}.")),
    "never_apps": (N_("Never: {name}."), N_("No longer ruled out: {name}.")),
    "no_profiling": (N_("Nobody may profile you."), N_("Profiling is no longer ruled out.")),
    "ask_each_time": (
        N_("Only while you are there: {name}."),
        N_("No longer only while you are there: {name}."),
    ),
    "never_channels": (N_("Never: {name}."), N_("No longer ruled out: {name}.")),
    "quiet": (N_("Your quiet hours are set."), N_("You have no quiet hours any more.")),
    "lapse_days": (
        N_("What you allow ends earlier, as you said."),
        N_("What you allow ends as it was agreed. What ended by your own rule alone holds again."),
    ),
    "at_most": (
        N_("We reach you only so many times in 30 days."),
        N_("How often we reach you is no longer limited by you."),
    ),
    "no_sharing": (
        N_("Nothing goes to another business, such as {name}."),
        N_("Passing on to another business is no longer ruled out."),
    ),
    "gpc_ms": (N_("Your browser says that nothing may be passed on."), ""),
    "contested": (
        N_("Wrong, and not to be inferred again: {name}."),
        N_("No longer called wrong: {name}."),
    ),
    "no_mails": (N_("No more letters: {name}."), N_("Letters again: {name}.")),
}
_METHODS: Final = {
    "browser signal": N_("by your browser's signal"),
    "mail link": N_("by the link in a letter"),
}


def sentence(changed: Changed, labels: Labels) -> str:
    """Return what a change did; "" for what a customer does not set by hand."""
    said = _SAID.get(changed.member)
    if said is None:
        return ""
    words = said[0] if changed.now else said[1]
    name = _name(changed.member, changed.name, labels)
    if changed.member == "no_sharing" and changed.now and not name:
        words = N_("Nothing goes to another business.")
    return translate(labels.lang, words, name=name) if words else ""


def entry(told: Iterable[tuple[str, str]], labels: Labels) -> str:
    """Return what an entry of the access log says of terms; "" when it names none."""
    sentences = []
    for path, how in told:
        head, _, rest = path.partition("/")
        member, _, name = rest.partition("/")
        state, _, method = how.partition(", ")
        words = sentence(Changed(member, name, state == "set"), labels) if head == "term" else ""
        if words:
            by = _METHODS.get(method)
            sentences.append(f"{words} ({translate(labels.lang, by)})" if by else words)
    return " ".join(sentences)


def mail(kind: str, lang: str) -> str:
    """Return the name of a kind of optional letters."""
    return translate(lang, MAILS[MailKind(kind)]) if kind in set(MailKind) else kind


def channel(name: str, lang: str) -> str:
    """Return the name of a way to be reached."""
    return translate(lang, CHANNELS[Channel(name)]) if name in set(Channel) else name


def _name(member: str, name: str, labels: Labels) -> str:
    if member == "no_sharing":
        others = [one.id for one in labels.rulebook.code.recipients if one.external]
        return ", ".join(labels.apps(others))
    if member == "never_apps":
        return labels.app(name)
    if member == "never_channels":
        return channel(name, labels.lang)
    if member == "contested":
        return labels.of(name)
    if member == "no_mails":
        return mail(name, labels.lang)
    return labels.purpose(name)
