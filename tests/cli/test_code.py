"""A code of ethics is checked, compared, published, and shown as it was written."""

from datetime import UTC, datetime

import pytest

from tests.cli.conftest import SAMPLE, only_sqlite

NEXT = SAMPLE.with_name("sample-2026-12.yaml")


def test_the_first_code_takes_effect_at_once_and_is_shown_as_written(home):
    assert home.run("init").code == 0
    assert home.run("code", "show").code == 3
    done = home.run("code", "publish", str(SAMPLE))
    assert (done.code, "Published." in done.out) == (0, True)
    assert home.run("code", "show").out == SAMPLE.read_text(encoding="utf-8")
    assert home.run("code", "show", "2026-11").code == 0
    assert home.run("code", "show", "1999-01").code == 2


def test_a_code_for_a_later_day_takes_effect_at_once_when_it_is_the_first(home, tmp_path):
    later = tmp_path / "later.yaml"
    text = SAMPLE.read_text(encoding="utf-8").replace(
        "effective: 2026-11-01", "effective: 2199-01-01"
    )
    later.write_text(text, encoding="utf-8")
    assert home.run("init").code == 0
    assert home.run("code", "publish", str(later)).code == 0
    assert home.run("code", "show").code == 0


def test_the_same_code_again_changes_nothing(made):
    done = made.run("code", "publish", str(SAMPLE))
    assert (done.code, "nothing was changed" in done.out) == (0, True)


def second(tmp_path, *swaps):
    """The next version of the sample, from today on."""
    text = NEXT.read_text(encoding="utf-8")
    today = datetime.now(UTC).date().isoformat()
    for old, new in (("effective: 2026-12-01", f"effective: {today}"), *swaps):
        assert old in text, old
        text = text.replace(old, new)
    path = tmp_path / "second.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_second_code_is_shown_dry_and_then_takes_effect(made, tmp_path):
    path = str(second(tmp_path))
    dry = made.run("code", "publish", path, "--dry-run")
    assert (dry.code, "Nothing was published." in dry.out) == (0, True)
    assert "marketing\twider\t0\t0\tfields +contact.phone" in dry.out
    assert "loyalty.rewards\tnarrower\t0\t0\tfields -contact.email" in dry.out
    assert "support\tequal" in dry.out
    # Nobody can be asked about a contract, so it is at least said.
    assert "delivery\twider\t0\t0\trecipients +carrier" in dry.out
    assert "Customers told, because they cannot be asked: 0." in dry.out
    assert made.run("code", "show").out == SAMPLE.read_text(encoding="utf-8")
    done = made.run("code", "publish", path)
    assert (done.code, "Published." in done.out) == (0, True)
    assert made.run("code", "show").out == (tmp_path / "second.yaml").read_text(encoding="utf-8")
    again = made.run("code", "publish", path)
    assert (again.code, "nothing was changed" in again.out) == (0, True)


@pytest.mark.parametrize("made", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("swaps", "said"),
    [
        ([("version: 2026-12", "version: 2026-11")], "Write a new version"),
        ([("basis: contract", "basis: vital-interest")], "The basis of delivery"),
        ([("effective: ", "effective: 2020-01-01 #")], "before it is published"),
    ],
)
def test_a_second_code_that_may_not_be_is_refused(made, tmp_path, swaps, said):
    done = made.run("code", "publish", str(second(tmp_path, *swaps)))
    assert done.code == 4
    assert said in done.err


@pytest.mark.parametrize("made", ["sqlite"], indirect=True)
def test_two_codes_are_compared_by_file_or_version(made):
    there = made.run("code", "diff", "2026-11", str(NEXT))
    assert there.code == 0
    assert "marketing\twider\tfields +contact.phone" in there.out
    assert "menu\tnew" in there.out
    back = made.run("code", "diff", str(NEXT), str(SAMPLE))
    assert "marketing\tnarrower\tfields -contact.phone" in back.out
    assert "menu\tdropped" in back.out


@only_sqlite
@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("format: 1\n", "format: 1\nformat: 1\n", "stands here again"),
        ("    why: To address you", "    wye: To address you", "Did you mean 'why'?"),
        ("basis: contract", "basis: contrakt", "Did you mean 'contract'?"),
    ],
)
def test_check_tells_each_mistake_with_its_line(home, tmp_path, before, after, said):
    bad = tmp_path / "bad.yaml"
    text = SAMPLE.read_text(encoding="utf-8")
    assert before in text
    bad.write_text(text.replace(before, after, 1), encoding="utf-8")
    done = home.run("code", "check", str(bad))
    assert done.code == 1
    assert said in done.err
    assert f"{bad}:" in done.err


@only_sqlite
def test_check_needs_no_vault(home):
    done = home.run("code", "check", str(SAMPLE))
    assert done.code == 0
    assert "13 fields, 4 purposes, 3 apps" in done.out


@only_sqlite
def test_a_file_that_cannot_be_read_is_unreadable_input(home, tmp_path):
    assert home.run("code", "check", str(tmp_path / "none.yaml")).code == 2
    (tmp_path / "bytes.yaml").write_bytes(b"\xff\xfe\x00")
    assert home.run("code", "check", str(tmp_path / "bytes.yaml")).code == 1
    large = tmp_path / "large.yaml"
    large.write_bytes(b"#" * 1_048_577)
    assert "larger than 1 MB" in home.run("code", "check", str(large)).err


def test_what_may_reveal_more_than_it_says_is_warned_of_with_its_line(home, tmp_path):
    path = tmp_path / "diet.yaml"
    text = SAMPLE.read_text(encoding="utf-8").replace("label: Coffee\n", "label: Diet\n")
    path.write_text(text, encoding="utf-8")
    done = home.run("code", "check", str(path))
    assert (done.code, "Version 2026-11" in done.out) == (0, True)
    line = next(n for n, said in enumerate(text.splitlines(), 1) if "label: Diet" in said)
    assert f"diet.yaml:{line + 5}:" in done.err
    assert "'Diet' may tell of something" in done.err
    assert home.run("code", "check", str(SAMPLE)).err == ""


def test_a_promise_that_is_given_up_is_said_in_the_comparison(home, tmp_path):
    full = SAMPLE.with_name("sample-2026-11-3.yaml")
    text = full.read_text(encoding="utf-8")
    less = tmp_path / "less.yaml"
    less.write_text(
        text.replace("types: [SellDataToThirdParties, ", "types: [").replace(
            "    countries_outside: [EEA, GB]\n", "    countries_outside: [EEA, GB, US]\n"
        ),
        encoding="utf-8",
    )
    done = home.run("code", "diff", str(full), str(less))
    assert done.code == 0
    assert "The promise selling PROMISES LESS than before." in done.out
    assert "The promise far_away PROMISES LESS than before." in done.out
    assert "hidden_conclusions" not in done.out
