"""Turn the terms of a receipt into words: states, sources, rights, places and who takes part.

A receipt names everything by the standards' own terms; a term that is not known here is shown as
it is, for a receipt says more with a strange word than with none.
Source: W3C DPV 2.3; GDPR; consent-standards note, 2 and 3.
"""

from dataclasses import dataclass
from typing import Final

from babel import Locale

from policies import vocabulary
from policies.names import ConsentState
from policies.vocabulary import DPV, GDPR, LOC
from portal.language import N_, translate
from portal.words import LOCALES

_STATES: Final = {iri: state for state, iri in vocabulary.STATES.items()}
_TERMS: Final = {
    f"{DPV}DataSubjectDataSource": N_("from you: told, or come about while serving you"),
    f"{DPV}DataControllerDataSource": N_("worked out from other details"),
    f"{DPV}ThirdPartyDataSource": N_("from somebody else, who is named to you"),
    f"{DPV}Retrieve": N_("reading"),
    f"{DPV}Disclose": N_("showing to those named"),
    f"{DPV}Modify": N_("changing"),
    f"{DPV}Record": N_("adding"),
    f"{DPV}Profiling": N_("working something out about you"),
    f"{DPV}Infer": N_("concluding one detail from others"),
    f"{DPV}AutomatedDecisionMaking": N_("deciding something on what was concluded"),
    f"{DPV}NotAutomated": N_("no machine concludes"),
    f"{DPV}AssistiveAutomation": N_("a machine helps a person to conclude"),
    f"{DPV}PartialAutomation": N_("a machine concludes in part"),
    f"{DPV}ConditionalAutomation": N_("a machine concludes, and a person steps in"),
    f"{DPV}HighAutomation": N_("a machine concludes for the most part"),
    f"{DPV}FullAutomation": N_("a machine concludes"),
    f"{DPV}Autonomous": N_("a machine concludes by rules that it sets itself"),
    f"{GDPR}A6-1-a": N_("Your consent (GDPR 6(1)(a))"),
    f"{GDPR}A9-2-a": N_("your explicit consent (GDPR 9(2)(a))"),
    "vault": N_("in this vault"),
    "backups": N_("in its sealed backups"),
    "allow button": N_("By the button “Allow”"),
    "do not allow button": N_("By the button “Do not allow”"),
    "stop button": N_("By the button “Stop”"),
    "mail link": N_("By the link in a mail"),
}
_RIGHTS: Final = {
    "A13": N_("Be told what is done"),
    "A14": N_("Be told what others said of you"),
    "A15": N_("See what is known"),
    "A16": N_("Have it corrected"),
    "A17": N_("Have it erased"),
    "A18": N_("Have it restricted"),
    "A19": N_("Have others told of a correction"),
    "A20": N_("Take it elsewhere"),
    "A21": N_("Object"),
    "A22": N_("Not be judged by a machine alone"),
    "A77": N_("Complain to the authority"),
    "A7-3": N_("Stop at any time"),
}


@dataclass(frozen=True, slots=True)
class Link:
    """Something to turn to; no address where it is none."""

    words: str
    href: str


def state(iri: str) -> ConsentState | None:
    """Return the state that a term means; None for a strange one."""
    return _STATES.get(iri.removeprefix(DPV))


def term(iri: str, lang: str) -> str:
    """Return the words of a term."""
    if iri.startswith(LOC):
        return str(Locale.parse(LOCALES[lang]).territories.get(iri.removeprefix(LOC), iri))
    known = _TERMS.get(iri)
    return translate(lang, known) if known else iri


def right(iri: str, where: str, lang: str, *, issuer: str) -> Link:
    """Return a right as a link to where it is exercised."""
    known = _RIGHTS.get(iri.removeprefix(GDPR))
    return Link(translate(lang, known) if known else iri, link(where, issuer=issuer).href)


def link(target: str, *, issuer: str) -> Link:
    """Return an address to show and to follow; one of ours without its origin.

    >>> link("mailto:a@example.org", issuer="https://v.example")
    Link(words='a@example.org', href='mailto:a@example.org')
    >>> link("https://v.example/privacy", issuer="https://v.example").href
    '/privacy'
    >>> link("+353 21 000", issuer="https://v.example").href
    ''
    """
    if target.startswith(f"{issuer}/"):
        return Link(target, target.removeprefix(issuer))
    if target.startswith("mailto:"):
        return Link(target.removeprefix("mailto:"), target)
    return Link(target, target if target.startswith(("https://", "http://")) else "")
