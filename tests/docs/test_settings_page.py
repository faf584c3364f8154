"""The page of settings is what the program knows."""

import io

from tests.docs import settings_page
from tests.rules.tree import REPOSITORY


def test_the_page_of_settings_is_the_programs_own():
    written = io.StringIO()
    settings_page.write(written)
    assert (REPOSITORY / "docs/settings.md").read_text(encoding="utf-8") == written.getvalue()
