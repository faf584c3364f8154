"""What a spreadsheet would run is marked, and every text comes back as it was."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault.core.export_cells import FORMULA
from vault.core.formula import marked, unmarked


@given(st.text(st.sampled_from("'=+-@ab\t\uff1d"), max_size=6) | st.text(max_size=10))
def test_each_text_comes_back(text):
    assert unmarked(marked(text)) == text
    assert not marked(text).startswith(FORMULA)


@pytest.mark.parametrize("text", ["", "'", "'tis", "Ana", "''"])
def test_what_no_spreadsheet_runs_is_left_alone(text):
    assert marked(text) == text
    assert unmarked(text) == text
