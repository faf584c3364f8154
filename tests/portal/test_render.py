"""Templates escape everything, know no unknown name, and say nothing outside of gettext."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir, extract_from_file
from babel.messages.pofile import read_po
from jinja2 import UndefinedError

from portal import render
from portal.groups import Group
from tests.portal import samples

HOSTILE = (
    "{{7*7}}",
    "{% raw %}",
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "&lt;b&gt;",
    "\u202egnirts",
    "آنا",
    "%(name)s {0} {x}",
)
TEMPLATES = sorted(render.TEMPLATES.glob("*.html"))
PORTAL = Path(render.__file__).parent


@pytest.mark.parametrize("text", HOSTILE)
def test_a_value_comes_out_as_text(text):
    detail = samples.detail("contact.name", text, text, why=text, until=text)
    home = replace(samples.HOME, groups=(Group(text, (detail,), ()),))
    page = render.render("home.html", home, samples.frame("/home"))
    said = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    said = said.replace('"', "&#34;").replace("'", "&#39;")
    assert f"<bdi>{said}</bdi>" in page
    assert "<script" not in page
    assert "<img" not in page
    assert "49" not in page


def test_an_unknown_name_is_an_error():
    with pytest.raises(UndefinedError):
        render.render("home.html", object(), samples.frame())


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_nothing_is_marked_safe_in_a_template(template):
    text = template.read_text(encoding="utf-8")
    for banned in (
        "|safe",
        "| safe",
        "autoescape",
        "{% set ",
        "{% include",
        "|tojson",
        "style=",
        " on",
    ):
        if banned == " on":
            assert not re.search(r"<[^>]* on\w+=", text)
            continue
        assert banned not in text, banned


def prose(text):
    """Return what a template says by itself: no tags, no expressions, no comments."""
    text = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", " ", text, flags=re.DOTALL)
    return re.sub(r"<[^>]*>", " ", text, flags=re.DOTALL)


# Words that are the same in every language.
UNTRANSLATED = {
    "Ownship",
    "JSON",
    "JSON-LD",
    "sha256",
    "ownship-verify",
    "certificate",
    "--keys",
    "keys",
    "receipt",
    "receipt-keys",
    "json",
    "FILE",
    *("fetch", "proof", "scan", "--key", "--list", "--origin", "key", "list", "origin"),
    *("log", "usage", "who-looked"),
}


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_every_word_of_a_template_can_be_translated(template):
    words = set(re.findall(r"[A-Za-z][\w-]+", prose(template.read_text(encoding="utf-8"))))
    assert words <= UNTRANSLATED


def test_the_catalogues_template_holds_every_sentence_and_no_other():
    """The command that makes it again stands in portal/locale/babel.cfg."""
    found = extract_from_dir(
        PORTAL,
        method_map=[("**.py", "python"), ("templates/**.html", "jinja2")],
        options_map={"templates/**.html": {"trimmed": "true", "newstyle_gettext": "true"}},
        keywords={"_": None, "gettext": None, "ngettext": (1, 2), "N_": None},
    )
    messages = {message for _, _, message, _, _ in found}
    fields = PORTAL.parent / "vault" / "core" / "receipt_fields.py"
    messages |= {one[1] for one in extract_from_file("python", fields, keywords={"N_": None})}
    with (PORTAL / "locale" / "portal.pot").open("rb") as file:
        template = {message.id for message in read_po(file) if message.id}
    assert messages == template


def test_a_page_stays_small():
    page = render.render("home.html", samples.HOME, samples.frame("/home"))
    assert len(page.encode()) < 40_000
