"""The page of a code in each language stands in nobody's way; sentences may be 40 % longer."""

from dataclasses import replace
from gettext import NullTranslations

import pytest

from portal import render
from portal.language import LANGUAGES
from tests.browser import axe
from tests.browser.visit import THEMES, WIDTHS
from tests.portal import samples
from tests.portal.test_code_page import FULL, html

LONGER = 1.4


class Longer(NullTranslations):
    """English drawn out, so that what is made to its measure is found."""

    def gettext(self, message):
        more = int(len(message) * (LONGER - 1)) + 1
        return message + (" ipsum" * more)[:more]

    def ngettext(self, msgid1, msgid2, n):
        return self.gettext(msgid1 if n == 1 else msgid2)


def show(one, page):
    """Show a page that no server of ours answers with, under its own address."""
    one.page.route(
        "**/shown", lambda route: route.fulfill(body=page, content_type="text/html; charset=utf-8")
    )
    one.go("/shown")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_code_in_each_language_stands_in_nobodys_way(lang, visit):
    one = visit()
    show(one, html(FULL, lang))
    wrong: list[object] = []
    for theme in THEMES:
        for width in WIDTHS:
            one.show(theme, width)
            wrong += [(theme, width, fault) for fault in one.faults()]
    wrong += axe.violations(one.page)
    assert wrong == []


@pytest.mark.parametrize(
    ("template", "page"),
    [
        ("home.html", samples.HOME),
        ("privacy.html", samples.PRIVACY),
        ("who_looked.html", samples.WHO_LOOKED),
    ],
)
def test_longer_sentences_make_no_page_scroll_sideways(template, page, visit, monkeypatch):
    longer = {**render._ENVIRONMENTS, "en": render._environment(Longer())}
    monkeypatch.setattr(render, "_ENVIRONMENTS", longer)
    frame = samples.frame("/home")
    switch = replace(frame.switch, languages=tuple(LANGUAGES.values()))
    shown = render.render(template, page, replace(frame, switch=switch))
    assert "Help and requests ipsum" in shown
    one = visit()
    show(one, shown)
    one.show("light", 320)
    assert one.faults() == []
