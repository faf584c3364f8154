"""A customer proves the list of looks: a line on its page and offline, then the whole list by its key."""

import re
import sqlite3
import subprocess
import sys

import pytest

from tests.browser.visit import WIDTHS

WAYS = {320: False, 1280: True}  # width of the screen: with JavaScript


def verified(*words):
    """Run the checker as a customer does, and return exit code and what it said."""
    done = subprocess.run(
        [sys.executable, "-m", "vault.verifier", *map(str, words)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def command(page, name):
    """Return the words behind a command's name, as the page shows them to be copied."""
    (text,) = [one for one in page.locator("pre").all_inner_texts() if f" {name} " in one]
    return [one.strip("'") for one in text.split()[2:]]


def saved(page, press, folder):
    with page.expect_download() as download:
        press()
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return path


def looked_at(shop, visit, email, *, script, width):
    """Return the browser of a customer at whom the newsletter's app looked."""
    who = shop.customer(email, "contact.full_name=Ana")
    one = visit(java_script_enabled=script, viewport={"width": width, "height": 720})
    shop.sign_in(one.page, who)
    assert shop.look(who) == 404
    one.go("/who-looked?who=app:newsletter")
    shop.wait_for(one.page, "This look alone")
    return who, one


@pytest.mark.parametrize("width", WIDTHS)
def test_a_line_is_proven_on_its_page_and_without_us(visit, shop, tmp_path, width):
    email = f"proof{width}@example.org"
    _, one = looked_at(shop, visit, email, script=WAYS[width], width=width)
    page = one.page
    page.get_by_role("link", name="Check this").first.click()
    shop.wait_for(page, "Its proof, as a file")  # signed within a second
    assert page.inner_text("h1") == "This line is in the log"
    assert page.get_by_text("Holds", exact=True).count() == 3
    assert one.faults() == []
    words = command(page, "proof")
    file = saved(page, page.get_by_role("link", name="Its proof, as a file").click, tmp_path)
    assert words[0] == file.name
    code, said = verified("proof", file, *words[1:])
    assert (code, said.partition(":")[0]) == (0, "GOOD")
    text = file.read_text()
    changed = re.sub("^index [0-9]+$", "index 0", text, flags=re.MULTILINE)
    file.write_text(changed)
    assert verified("proof", file, *words[1:])[0] == 1


@pytest.mark.parametrize("width", WIDTHS)
def test_the_whole_list_is_proven_and_a_row_that_was_taken_out_is_found(
    visit, shop, tmp_path, width
):
    email = f"list{width}@example.org"
    _, one = looked_at(shop, visit, email, script=WAYS[width], width=width)
    page = one.page
    place = page.get_by_role("link", name="This look alone").first.get_attribute("href")
    index = int(place.rpartition("/")[2])
    one.go("/who-looked")
    page.get_by_role("link", name="The key of your list").click()
    assert one.faults() == []
    words = command(page, "scan")
    button = page.get_by_role("button", name="Key that finds and opens")
    key = saved(page, button.click, tmp_path)
    assert key.name == words[1]
    key_and_origin = words[words.index("--key") :]
    fetched = command(page, "fetch")
    usage = saved(page, page.get_by_role("link", name="usage.json").click, tmp_path)
    folder = tmp_path / "log"
    code, said = verified("fetch", fetched[0], folder, *fetched[2:])
    assert code == 0, said
    code, said = verified("log", folder, *key_and_origin)
    assert code == 0, said
    scan = ("scan", folder, key, "--list", usage, "--lines", *key_and_origin)
    code, said = verified(*scan)
    assert code == 0, said
    assert "The list is complete" in said
    assert "app:newsletter | marketing" in said

    with sqlite3.connect(shop.database_url.removeprefix("sqlite:///")) as edited:
        edited.execute("DELETE FROM customer_entry WHERE log_id = 0 AND idx = ?", (index,))
    one.go("/who-looked/key")
    usage.unlink()
    usage = saved(page, page.get_by_role("link", name="usage.json").click, tmp_path)
    code, said = verified(*scan)
    assert code == 1
    assert f"Entry {index} (refused, " in said
    assert "is not on the list that you were shown" in said
