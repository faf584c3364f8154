"""Read facts back from the page and the plain text of a code: `tests/policies/facts.py` says which."""

import re
from html.parser import HTMLParser

from policies.wording import Wording, of
from tests.policies.facts import CODE, NONE, Facts, span

_NAMED = re.compile(r"\[([a-z0-9_./]+)\]").findall


class _Page(HTMLParser):
    """The HTML: `data` elements, and links in the parts that are named, below an id."""

    def __init__(self) -> None:
        super().__init__()
        self.found: Facts = set()
        self._about = self._part = ""
        self._benefit: list[str] = []
        self._links: list[str] = []

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag in {"article", "tr"} and "id" in given:
            self._about = given["id"]
        if tag == "section":
            self._about = given.get("aria-labelledby", "").removeprefix("the-")
        if tag in {"ul", "dd"}:
            self._part = given.get("data-part", "")
            self._links = []
        if tag == "a":
            self._links.append(given["href"].removeprefix("#"))
        if tag == "data" and self._part == "benefits":
            self._benefit, self._links = given["value"].split(), []
        elif tag == "data" and self._part != "uses":
            self._fact(given["value"].split())

    def _fact(self, said):
        kind, *held = said
        about = CODE if kind == "minimum_group" else self._about
        at = {"follow_up": 0, "method": 1, "wait": 0, "at_most": 0, "expires": 0}.get(kind)
        if at is not None:
            held[at] = span(held[at])
        self.found.add((about, kind, *held))

    def handle_endtag(self, tag):
        if tag == "li" and self._part == "benefits":
            self.found.add((self._about, *self._benefit, *self._links))
        if tag == "dd" and self._part in {"purpose", "after", "answer", "same"}:
            self.found.add((self._about, self._part, *self._links))
        if tag in {"ul", "dd"}:
            self._part = ""


def of_html(html: str) -> Facts:
    """Read the page."""
    page = _Page()
    page.feed(html)
    return page.found


class _Text:
    """The plain text, by the fixed words of its language and the names in square brackets."""

    def __init__(self, text: str, words: Wording) -> None:
        self.text, self.words = text, words

    def lines(self, heading: str) -> list[str]:
        """Return the lines of a part, each whole; nothing where there is no such part."""
        said = self.words.say(heading)
        _, found, rest = self.text.partition(f"\n{said}\n{'-' * len(said)}\n")
        part = rest.split("\n\n", maxsplit=1)[0] if found else ""
        return part.replace("\n    ", " ").splitlines()

    def match(self, key: str, line: str) -> dict[str, str] | None:
        """Return what a fixed text holds, when this line is one."""
        form = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>.+?)", re.escape(self.words.words[key]))
        matched = re.fullmatch(form, line.strip())
        return matched.groupdict() if matched else None

    def span(self, said: str) -> str:
        """Return a duration from its words."""
        counts = []
        for names in self.words.units:
            found = re.search(rf"(\d+) (?:{'|'.join(names)})\b", said)
            counts.append(int(found.group(1)) if found else 0)
        years, months, days = counts
        return f"{12 * years + months} {days}"

    def pair(self, key: str, line: str) -> str | None:
        """Return what stands after a name, when it is this one."""
        name, found, said = line.strip().partition(": ")
        return said if found and name == self.words.say(key) else None


def of_text(text: str, lang: str) -> Facts:
    """Read the plain text."""
    page = _Text(text, of(lang))
    found: Facts = set()
    for line in page.lines("rules"):
        if held := page.match("minimum_group", line.removeprefix("* ")):
            found.add((CODE, "minimum_group", held["count"]))
    about = ""
    for line in page.lines("interactions"):
        if line.startswith("* "):
            (about,) = _NAMED(line)
        elif said := page.pair("reaches", line):
            found.add((about, "reaches", *_NAMED(said)))
        elif line.strip() == page.words.say("portal"):
            found.add((about, "portal"))
        elif held := page.match("follow_up", line):
            (owner,) = _NAMED(held["owner"])
            owner = owner.removeprefix("staff/")
            found.add((about, "follow_up", page.span(held["duration"]), owner))
    for line in page.lines("purposes"):
        if line.startswith("* "):
            (about,) = _NAMED(line)
        elif said := page.pair("benefits", line):
            found.add((about, "benefit", *_NAMED(said)))
    found |= _text_methods(page)
    found |= _text_surveys(page)
    for line in page.lines("duplicates"):
        if line.startswith("* "):
            found.add(("duplicates", "purpose", *_NAMED(line)))
        else:
            found.add(("duplicates", "same", *_NAMED(line)))
    return found


def _text_methods(page: _Text) -> Facts:
    found: Facts = set()
    about = ""
    for line in page.lines("derivations"):
        names = _NAMED(line)
        if line.startswith("* "):
            about = f"derivation-{names[0]}"
        elif line.startswith(f"  {page.words.say('method')} ["):
            found.add((about, "method", *_sentence(page, names[0], line)))
        elif names and (held := page.match("band", line)):
            found.add((about, "band", names[0], held["start"]))
        elif names and all(name.startswith("interaction.") for name in names[1:]):
            found.add((about, "way", *names))
        elif names:
            choice, *rest = names
            needs: list[list[str]] = []
            for name in rest:
                if "." in name:
                    needs.append([name])
                else:
                    needs[-1].append(name)
            held_all = (f"{field}={','.join(values)}" for field, *values in needs)
            found.add((about, "segment", choice, *held_all))
    return found


def _sentence(page: _Text, function: str, line: str) -> tuple[str, ...]:
    """Read function, period, fact and least number; what its sentence does not say is none."""
    said = line.partition("]: ")[2]
    least = re.escape(page.words.words["least"]).replace(r"\{count\}", "([0-9]+)")
    count = re.search(rf" {least}$", said)
    said = said[: count.start()] if count else said
    held = page.match(f"method_{function}", said) or {}
    period = page.span(held["period"]) if held.get("period") else NONE
    return function, period, held.get("fact", NONE), count.group(1) if count else "1"


def _text_surveys(page: _Text) -> Facts:
    found: Facts = set()
    about = ""
    for line in page.lines("surveys"):
        if line.startswith("* "):
            about = f"survey-{_NAMED(line)[0]}"
        for key, kind in (("survey_for", "purpose"), ("after", "after"), ("answer", "answer")):
            if said := page.pair(key, line):
                found.add((about, kind, *_NAMED(said)))
        if said := page.pair("channel", line):
            way, *times = said.split("; ")
            found.add((about, "channel", *_NAMED(way)))
            for key, time in zip(("wait", "at_most", "expires"), times, strict=True):
                held = page.match(key, time)
                assert held, time
                found.add((about, key, page.span(held["duration"])))
        if said := page.pair("question", line):
            name, form, *choices = _NAMED(said)
            low = re.escape(page.words.words["low"]).replace(r"\{low\}", "([0-9]+)")
            held_low = re.search(rf"\) {low}$", said)
            number = held_low.group(1) if held_low else NONE
            found.add((about, "question", name, form, number))
            found |= {(about, "choice", name, it) for it in choices}
    return found
