"""The pages of a signed-in customer hold no English of the portal, in either variant."""

import re
from collections import Counter
from html import unescape
from html.parser import HTMLParser

import pytest

from tests.portal import trilingual
from tests.portal.catalogues import PLACES, forms, sentences
from tests.portal.portuguese import FOREIGN, SAME, VARIANTS
from tests.vaults import RULEBOOK, publish

# What no other page links to for this customer.
PAGES = (
    *("/", "/home", "/privacy/terms", "/who-looked?outcome=refused&who=you&field=x", "/nowhere"),
    *("/interactions?view=tree&from=2026-01-01", "/your-data/erase-everything"),
    *("/security/address", "/sign-in/code"),
)
OUTSIDE = ("/", "/sign-in", "/join", "/receipts/check", "/signed-out", "/code", "/nowhere")
FILES = (".json", ".csv", ".txt", "/certificate")
AWAY = re.compile(r"/static/|[?&]lang=").search
ENOUGH = 3  # pages of one kind, such as those of a detail
SILENT = ("style", "bdi", "code")
VOID = ("br", "hr", "img", "input", "link", "meta")
# What stands where there were no words: the head of a catalogue, the id of a unit.
NO_WORDS = re.compile(r"Plural-Forms|duration-|digital-")
SAID_IN_ATTRIBUTES = ("aria-label", "title", "alt", "placeholder")


class Said(HTMLParser):
    """Every piece of text that a page says in its own language."""

    def __init__(self, page):
        super().__init__()
        self.lang = ""
        self.pieces = []
        self._open = []  # of each element around: its tag, and whether what it says counts
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.lang = self.lang or given.get("lang", "")  # of the root: a notice is no whole page
        # Values and names are no sentences; what is marked as another language may be in it.
        counts = tag not in SILENT and given.get("lang", self.lang) == self.lang and self._counts
        if counts:
            self.pieces += [given[name] for name in SAID_IN_ATTRIBUTES if given.get(name)]
        if tag not in VOID:
            self._open.append((tag, counts))

    def handle_endtag(self, tag):
        while self._open and self._open.pop()[0] != tag:
            pass  # some ends may be left out: </p>, </li>

    @property
    def _counts(self):
        return self._open[-1][1] if self._open else True

    def handle_data(self, data):
        text = " ".join(data.split())
        if text and self._counts:
            self.pieces.append(text)


def patterns():
    """Return the English sentences as patterns; longer ones are looked for inside of others too.

    What the older code calls a detail is English too, and shown where a page tells the two apart.
    """
    found = {form for _, sentence in sentences() for form in forms(sentence)} - SAME
    found -= {one.label.get("en") for one in RULEBOOK.code.fields}
    long = {text for text in found if len(PLACES.sub("", text).split()) > 3}
    return _any_of(found - long), _any_of(long)


def _any_of(texts):
    """Return a pattern of texts, with anything in their places."""
    return re.compile("|".join(".+?".join(map(re.escape, PLACES.split(text))) for text in texts))


def english_of(page, whole, within):
    found = Said(page).pieces
    return [one for one in found if whole.fullmatch(one) or within.search(one)]


@pytest.fixture
async def three(deps, tmp_path):
    """A code of ethics in three languages, in force."""
    await publish(deps, trilingual.write(tmp_path))


def links(page):
    """Return the pages of ours that a page leads to; one in another language is asked for."""
    found = {unescape(href).partition("#")[0] for href in re.findall(r'href="(/[^"]*)"', page)}
    return {one for one in found if not one.partition("?")[0].endswith(FILES) and not AWAY(one)}


def kind(path):
    """Return what pages of one kind have in common: where they are, and the names of the query."""
    where, _, query = path.partition("?")
    return where.split("/")[1], where.count("/"), tuple(sorted(re.findall(r"(\w+)=", query)))


async def be_there_a_while(person):
    """Use what changes the pages: decisions, rules, a request, a package, a restriction."""
    choose = (("/privacy/marketing", "give"), ("/privacy/newsletter", "refuse"))
    for path, decision in choose:
        if (await person.get(path)).status_code == 200:
            await person.send(path, path, ("decision", decision))
    await person.send("/privacy", "/privacy/support", ("decision", "object"))
    name = "/home/contact.full_name"
    for do in ("dispute", "restrict"):
        await person.send(name, name, ("do", do))
    new = "/requests/new"
    await person.send(f"{new}?kind=question", new, ("text", "Texto"))
    order = "/your-data/order"
    await person.send(order, order, ("form", "csv"))


@pytest.mark.usefixtures("three")
@pytest.mark.parametrize("lang", VARIANTS)
async def test_no_page_in_portuguese_holds_an_english_sentence_of_the_portal(person, lang):
    whole, within = patterns()
    person.http.headers["accept-language"] = lang
    await be_there_a_while(person)
    waiting, seen = list(PAGES), {}
    kinds: Counter[object] = Counter()
    while waiting:
        path = waiting.pop(0)
        kinds[kind(path)] += 1
        if kinds[kind(path)] > ENOUGH:
            continue
        answer = await person.get(path)
        if answer.status_code == 303 or "text/html" not in answer.headers["content-type"]:
            continue
        assert answer.status_code in (200, 404), path
        seen[path] = answer.text
        waiting += sorted(links(answer.text) - set(seen) - set(waiting))
    assert len(seen) > len(PAGES) * 3
    check(seen, lang, whole, within)


@pytest.mark.usefixtures("three")
@pytest.mark.parametrize("lang", VARIANTS)
async def test_nor_does_a_page_for_those_who_are_not_signed_in(visitor, lang):
    visitor.http.headers["accept-language"] = lang
    check({path: (await visitor.get(path)).text for path in OUTSIDE}, lang, *patterns())


def check(pages, lang, whole, within):
    for path, page in pages.items():
        said = Said(page)
        assert said.lang == lang, path
        assert english_of(page, whole, within) == [], path
        assert [one for one in said.pieces if NO_WORDS.search(one)] == [], path
        assert [one for one in said.pieces if FOREIGN[lang].search(one)] == [], path


async def test_the_check_knows_english_when_it_sees_it(person):
    whole, within = patterns()
    found = english_of((await person.get("/home")).text, whole, within)
    assert "What we know about you" in found
    assert "Sign out" in found
