"""Read a rendered code of ethics back: who may do what with what, for which purpose.

Each reader takes one form as it is handed out and knows nothing of the code that it is of.
"""

import json
import re
from html.parser import HTMLParser

from policies.model import Action, Permission, StaffRole
from policies.vocabulary import ACTIONS, dpv_iri
from policies.wording import of

Set = set[tuple[str, Permission]]

_ACTION = {dpv_iri(term): action for action, term in ACTIONS.items()}
_NAMED = re.compile(r"\[([a-z0-9_./-]+)\]")
_USED = re.compile(r"\[([a-z0-9_.]+)\] \(([^()]*)\)")


def of_text(text: str, lang: str) -> Set:
    """Read the plain text: one line for each point, for what is indented further goes on a line."""
    words = of(lang)
    actions = {words.name(action): action for action in Action}
    heading = words.say("purposes")
    part = text.split(f"\n{heading}\n{'-' * len(heading)}\n")[1].split("\n\n", maxsplit=1)[0]
    lines = part.replace("\n    ", " ").splitlines()
    found: Set = set()
    purpose, who = "", []
    for line in lines:
        if line.startswith("* "):
            purpose = _NAMED.findall(line)[-1]
        key, _, said = line.strip().partition(": ")
        if key == words.say("who"):
            who = _NAMED.findall(said)
        if key in {words.say("required"), words.say("optional")}:
            for name, done in _USED.findall(said):
                found |= {
                    (one, Permission(purpose, actions[action], name))
                    for action in done.split(", ")
                    for one in who
                }
    return found


def of_json(document: bytes) -> Set:
    """Read the canonical JSON."""
    code = json.loads(document)
    return {
        (who, Permission(one["id"], Action(action), use["name"]))
        for one in code["purposes"]
        for who in (*one["recipients"], *(f"staff/{role}" for role in one.get("staff", ())))
        for use in one["uses"]
        for action in use["actions"]
    }


def of_jsonld(document: bytes) -> Set:
    """Read the linked data: by IRIs alone."""
    found: Set = set()
    code = json.loads(document)
    named = {one["@id"]: one["identifier"] for one in (*code["data"], *code["recipients"])}
    staff = {f"{code['url']}#staff-{role}": f"staff/{role}" for role in StaffRole}
    for one in code["processes"]:
        who = [named[ref["@id"]] for ref in one["recipients"]]
        who += [staff[ref["@id"]] for ref in one["staff"]]
        found |= {
            (reader, Permission(one["identifier"], _ACTION[term], named[ref["@id"]]))
            for use in one["uses"]
            for ref in use["data"]
            for term in use["processing"]
            for reader in who
        }
    return found


class _Page(HTMLParser):
    """The clauses of the HTML: each an article that holds a list of readers and one of uses."""

    def __init__(self) -> None:
        super().__init__()
        self.found: Set = set()
        self._purpose = self._name = ""
        self._part = ""
        self._who: list[str] = []
        self._uses: list[tuple[str, str]] = []

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag == "article" and "card" in (given.get("class") or ""):
            self._purpose, self._who, self._uses = given["id"], [], []
        if tag == "ul":
            self._part = given.get("data-part", "")
        if tag == "a" and self._part == "who":
            self._who.append(given["href"].removeprefix("#recipient-").replace("#staff-", "staff/"))
        if tag == "a" and self._part == "uses":
            self._name = given["href"].removeprefix("#")
        if tag == "data" and self._part == "uses":
            self._uses.append((self._name, given["value"]))

    def handle_endtag(self, tag):
        if tag == "ul":
            self._part = ""
        if tag == "article" and self._purpose:
            self.found |= {
                (who, Permission(self._purpose, Action(action), name))
                for who in self._who
                for name, action in self._uses
            }
            self._purpose = ""


def of_html(html: str) -> Set:
    """Read the page."""
    page = _Page()
    page.feed(html)
    return page.found
