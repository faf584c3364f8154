"""The page of a package is fetched by a press, and stands in nobody's way where it is opened."""

import zipfile
from pathlib import Path

import pytest

from tests.browser import axe
from tests.browser.visit import WIDTHS

THEMES = ("light", "dark")


def fetched(visit, ana, folder: Path, form: str) -> Path:
    """Fetch the newest package of a form and return where the file was saved."""
    one = visit(storage_state=ana)
    one.go("/your-data")
    card = one.page.locator("article", has_text=form).first
    card.get_by_role("link", name="Fetch it").click()
    with one.page.expect_download() as download:
        one.page.get_by_role("button", name="Save the file").click()
    name = download.value.suggested_filename
    download.value.save_as(folder / name)
    return folder / name


def test_the_saved_page_reads_well_and_runs_nothing(visit, ana, chromium, tmp_path):
    file = fetched(visit, ana, tmp_path, "A page to read")
    assert file.suffix == ".html"
    context = chromium.new_context()
    page = context.new_page()
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("request", lambda request: asked.append(request.url))
    for theme in THEMES:
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 720})
            page.emulate_media(color_scheme=theme)
            page.goto(file.as_uri())
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), width
            assert axe.violations(page) == [], (theme, width)
    assert set(asked) == {file.as_uri()}
    assert said == []
    assert page.locator("b, script, a, img, iframe, form").count() == 0
    assert page.get_by_text("<b>Wolfe").count() >= 1
    assert page.locator("table").count() == 5
    assert page.locator("h1").inner_text() == "Your data"
    context.close()


@pytest.mark.parametrize("width", WIDTHS)
def test_each_form_can_be_ordered_and_fetched_without_a_script(visit, ana, shop, tmp_path, width):
    one = visit(storage_state=ana, java_script_enabled=False)
    one.page.set_viewport_size({"width": width, "height": 720})
    form = {320: "CSV", 1280: "JSON"}[width]
    one.go("/your-data/order")
    one.page.get_by_label("Who looked").check()
    one.page.get_by_role("button", name=form).click()
    shop.wait_for(one.page, "Order a package")
    file = fetched(visit, ana, tmp_path, form)
    assert file.suffix == {"CSV": ".zip", "JSON": ".json"}[form]
    if form == "CSV":
        with zipfile.ZipFile(file) as opened:
            assert sorted(opened.namelist()) == ["README.txt", "who_looked.csv"]
