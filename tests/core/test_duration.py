"""Durations as spans of days."""

import pytest

from vault.core import duration


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("P1D", (1, 1)),
        ("P2W3D", (17, 17)),
        ("P1M", (28, 31)),
        ("P12M", (365, 366)),
        ("P1Y6M", (533, 552)),
    ],
)
def test_a_duration_is_a_span_of_days(text, span):
    assert duration.days(text) == span


@pytest.mark.parametrize(
    "text", ["", "P", "P0D", "1D", "P-1D", "P1H", "PT1H", "P1DT1H", "p1d", "P1D ", "P٣D", "P1.5D"]
)
def test_what_is_no_duration_of_days_is_none(text):
    assert duration.days(text) is None


@pytest.mark.parametrize(
    ("text", "limit", "within"),
    [
        ("P30D", "P30D", True),
        ("P1Y", "P12M", False),
        ("P365D", "P1Y", True),
        ("P366D", "P1Y", False),
        ("P1M", "P1M", True),
        ("P31D", "P1M", False),
        ("P1M", "P31D", True),
        ("never", "P1Y", False),
        ("P1D", "never", False),
    ],
)
def test_only_what_is_surely_no_longer_is_within(text, limit, within):
    assert duration.is_within(text, limit) is within
