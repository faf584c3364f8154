"""Figures in documents are those of the last run, and nobody writes them by hand."""

import pytest

from bench import plot, report, table


def run(rate: float = 4_000.0) -> dict[str, dict[str, object]]:
    cell = {
        "kind": "two",
        "connections": 32,
        "rate": {"median": rate, "min": 1.0, "max": 9.0},
        "p50_ms": 5.0,
        "p99_ms": 9.0,
        "cpu_us": {"product": 200.0, "postgresql": 40.0},
        "ratios": {"pair": {"median": 0.41, "min": 0.4, "max": 0.5}},
    }
    goals = [table.goal("read / pair", 0.41, must=0.35, goal=0.5)]
    return {"consented_read": {"cells": [cell], "goals": goals}}


def test_the_documents_show_the_last_run():
    found = report.results()
    for path, names in report.SHOWN.items():
        text = (report.ROOT / path).read_text(encoding="utf-8")
        assert report.written(text, names, found) == text, "run `python -m bench.report`"
    assert report.PLOT.read_text(encoding="utf-8") == plot.draw(found)


def test_figures_that_were_written_by_hand_are_replaced():
    text = "a\n<!-- figures: goals -->\n| 0.99 |\n<!-- end of figures -->\nb\n"
    shown = report.written(text, ("goals",), run())
    assert "0.41" in shown
    assert "0.99" not in shown
    assert shown.endswith("<!-- end of figures -->\nb\n")
    assert report.written(shown, ("goals",), run()) == shown


def test_a_document_without_a_place_is_refused():
    with pytest.raises(ValueError, match="no place"):
        report.written("no figures here\n", ("goals",), run())


def test_a_ratio_is_of_each_round_with_its_own():
    assert table.ratio([10.0, 40.0], [20.0, 40.0]) == {"median": 0.75, "min": 0.5, "max": 1.0}


@pytest.mark.parametrize(
    ("value", "must", "goal", "met"),
    [
        (0.34, 0.35, 0.5, "no"),
        (0.35, 0.35, 0.5, "must"),
        (0.5, 0.35, 0.5, "goal"),
        (25.1, 25, 15, "no"),
        (25.0, 25, 15, "must"),
        (15.0, 25, 15, "goal"),
        (0.0, 0, 0, "goal"),
        (1.0, 0, 0, "no"),
        (float("nan"), 25, 15, "no"),
        (float("nan"), 0.35, 0.5, "no"),
    ],
)
def test_a_goal_is_met_or_not(value, must, goal, met):
    assert table.goal("it", value, must=must, goal=goal)["met"] == met


def test_the_plot_names_each_line_and_is_well_formed():
    from xml.etree import ElementTree as ET

    drawn = plot.draw(run())
    assert "two processes" in drawn
    assert ET.fromstring(drawn).tag.endswith("svg")
