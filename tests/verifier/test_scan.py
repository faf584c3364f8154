"""With a log key the checker finds every entry, a line that is not there, and a no that was not heeded."""

import pytest

from tests.verifier.loggen import KEY, ORIGIN, START, A, Written, entry
from tests.verifier.told import EVE, about, key_file, line, list_file, log_of
from vault.core.entry import Kind
from vault.verifier.__main__ import main

LATER = START + 60_000


@pytest.fixture
def run(tmp_path, capsys):
    """Save a log, scan it, and return exit code, stdout and stderr."""

    def scanned(log, *lines, key=None, shown=True, more=()):
        folder = log.save(tmp_path / "log")
        arguments = ["scan", str(folder), str(key or key_file(tmp_path))]
        arguments += ["--key", KEY, "--origin", ORIGIN, *more]
        if shown:
            arguments += ["--list", str(list_file(tmp_path, list(lines)))]
        code = main(arguments)
        out, err = capsys.readouterr()
        return code, out, err

    return scanned


def story(**late):
    """Ana allows, is looked at, ends it; Eve is looked at between."""
    return log_of(
        about(1, Kind.GIVEN, 1),
        about(2, Kind.READ, 1, seen=2, allowed=(("contact.email", "delivery"),)),
        about(3, Kind.READ, 4, key=EVE, seen=2),
        about(4, Kind.WITHDRAWN, 2, seen=4, at=START + 100),
        about(5, Kind.READ, 1, **{"seen": 4, "at": START + 107} | late),
        about(6, Kind.DENIED, 2, seen=6),
    )


def lines_of(log, *indexes):
    return [line(log, index) for index in indexes]


def test_every_entry_about_one_is_found_and_nobody_elses(run):
    log = story()
    code, out, err = run(log, *lines_of(log, 6, 5, 4, 2, 1))
    assert (code, err) == (0, "")
    assert f"GOOD: 5 of 7 entries of {ORIGIN} are about you" in out
    assert "The list is complete and shows them as they are." in out
    assert "2 changes of your choices, none hidden." in out


def test_a_look_that_overlapped_a_withdrawal_is_told_with_its_lateness(run):
    code, out, _ = run(story(), shown=False)
    assert code == 0
    assert "Entry 5 (read) was under way when entry 4 (consent ended) took effect: 7 ms" in out


def test_a_look_allowed_after_a_withdrawal_that_it_had_seen_is_found(run):
    code, out, err = run(story(seen=5), shown=False)
    assert (code, out) == (1, "")
    assert "Entry 5 (read," in err
    assert "was allowed by what you had ended: entry 4 (consent ended," in err


def test_an_entry_that_the_list_leaves_out_is_found(run):
    log = story()
    code, _, err = run(log, *lines_of(log, 6, 5, 4, 1))
    assert code == 1
    assert "Entry 2 (read, 2025-11-24T" in err
    assert "is not on the list that you were shown" in err


def test_a_line_that_is_not_about_one_is_found(run):
    log = story()
    code, _, err = run(log, *lines_of(log, 6, 5, 4, 3, 2, 1))
    assert code == 1
    assert "The list shows entry 3, which is not about you." in err


def test_a_line_that_is_otherwise_in_the_log_is_found(run):
    log = story()
    lines = lines_of(log, 6, 5, 4, 2, 1)
    lines[3]["log"]["hash"] = lines[2]["log"]["hash"]
    code, _, err = run(log, *lines)
    assert code == 1
    assert "The list shows entry 2 otherwise than it is in the log." in err


def test_a_line_that_cannot_be_read_any_more_is_found(run):
    log = story()
    lines = lines_of(log, 6, 5, 4, 2, 1)
    lines[3]["log"]["hash"] = None
    assert run(log, *lines)[0] == 1


def test_a_look_newer_than_the_list_cannot_be_told(run):
    log = story()
    code, _, err = run(log, *lines_of(log, 4, 2, 1))
    assert code == 2
    assert "The log is newer than the list: entry 5 (read," in err


def test_ones_own_look_at_the_list_comes_behind_it(run):
    log = story()
    log.entries.append(about(7, Kind.OWN_LOOK, 2, seen=7))
    code, out, _ = run(log, *lines_of(log, 6, 5, 4, 2, 1))
    assert code == 0
    assert "(but 1 look of your own, made since)" in out


def test_a_list_that_is_cut_cannot_be_told_until_its_older_pages_are_given(run, tmp_path):
    log = story()
    for seq in range(7, 107):
        log.entries.append(about(seq, Kind.OWN_LOOK, 2, seen=7))
    newest = lines_of(log, *range(106, 6, -1))
    code, _, err = run(log, *newest)
    assert code == 2
    assert "The list begins in the middle: entry 6" in err
    older = list_file(tmp_path, lines_of(log, 6, 5, 4, 2, 1), "older.json")
    assert run(log, *newest, more=("--list", str(older)))[0] == 0
    older = list_file(tmp_path, lines_of(log, 6, 5, 4, 1), "older.json")
    assert run(log, *newest, more=("--list", str(older)))[0] == 1


def test_the_file_of_the_page_is_a_list_too(run, tmp_path):
    log = story()
    file = list_file(tmp_path, {"lines": lines_of(log, 6, 5, 4, 2, 1), "older": None}, "who.json")
    assert run(log, shown=False, more=("--list", str(file)))[0] == 0


def test_a_hidden_change_shows(run):
    log = log_of(about(1, Kind.GIVEN, 1), about(2, Kind.GIVEN, 3))
    code, _, err = run(log, shown=False)
    assert code == 1
    assert "Change 2 of your choices is not in the log" in err


def test_a_hidden_last_change_shows_once_the_vault_broke_its_promise(run):
    log = log_of(about(1, Kind.GIVEN, 1), about(2, Kind.READ, 2))
    assert run(log, shown=False)[0] == 0
    log.entries.append(about(3, Kind.READ, 9, key=EVE, at=LATER))
    code, _, err = run(log, shown=False)
    assert code == 1
    assert "Change 2 of your choices is not in the log" in err


def test_a_change_twice_shows(run):
    log = log_of(about(1, Kind.GIVEN, 1), about(2, Kind.WITHDRAWN, 1))
    code, _, err = run(log, shown=False)
    assert code == 1
    assert "Change 1 of your choices is in the log twice." in err


def test_a_log_that_follows_another_may_begin_with_a_later_change(run):
    entries = [entry(A, 0, kind=71, members={"size": 3}), about(1, Kind.GIVEN, 8)]
    assert run(Written(entries), shown=False)[0] == 0
    entries.append(about(2, Kind.GIVEN, 10))
    assert run(Written(entries), shown=False)[0] == 1


def test_the_last_entry_of_an_erased_customer_is_on_no_list(run):
    log = story()
    log.entries.append(about(7, Kind.ERASED, 3, seen=7))
    assert run(log, *lines_of(log, 6, 5, 4, 2, 1))[0] == 0


def test_entries_are_written_out_where_the_seal_key_opens_them(run, tmp_path):
    _, out, _ = run(story(), shown=False, more=("--lines",))
    assert "read  app:delivery | delivery | contact.email" in out
    _, out, _ = run(story(), key=key_file(tmp_path, seal=False), shown=False, more=("--lines",))
    assert "app:delivery" not in out
    assert out.count("  read") == 2


def test_what_an_entry_says_moves_no_cursor(run):
    log = log_of(about(1, Kind.READ, 0, purpose="x\x1b[2J\u202e"))
    _, out, _ = run(log, shown=False, more=("--lines",))
    assert "x?[2J?" in out


def test_a_payload_with_another_kind_than_its_veil_is_bad(run):
    log = log_of(about(1, Kind.READ, 0))
    forged = bytearray(log.entries[1])
    forged[68] ^= Kind.READ ^ Kind.DENIED
    log.entries[1] = bytes(forged)
    code, _, err = run(log, shown=False)
    assert code == 1
    assert "Entry 1, which is about you: An entry does not open with the key" in err


def test_entries_that_do_not_lead_to_the_signed_root_are_bad(run, tmp_path):
    log = story()
    folder = log.save(tmp_path / "log")
    (bundle,) = (folder / "tile/entries").rglob("*.p/7")
    data = bytearray(bundle.read_bytes())
    data[-1] ^= 1
    bundle.write_bytes(bytes(data))
    arguments = ["scan", str(folder), str(key_file(tmp_path)), "--key", KEY, "--origin", ORIGIN]
    assert main(arguments) == 1


def test_entries_that_are_over_are_not_read_and_not_missed(run, tmp_path, capsys):
    entries = [about(seq, Kind.OWN_LOOK, 3) for seq in range(1, 600)]
    log = log_of(about(0, Kind.GIVEN, 3), *entries, about(600, Kind.GIVEN, 4))
    folder = log.save(tmp_path / "log")
    (folder / "tile/entries/000").unlink()
    arguments = ["scan", str(folder), str(key_file(tmp_path)), "--key", KEY, "--origin", ORIGIN]
    assert main(arguments) == 1
    assert "no entry of the log says that they were pruned" in capsys.readouterr().err
    log.entries.append(entry(A, 601, kind=73, members={"minimum": 256}))
    log.save(tmp_path / "log")
    (folder / "tile/entries/000").unlink()
    assert main(arguments) == 0
    assert "Entries before 256 are over by the publisher's term" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "neither /me/usage.json nor"),
        (b"{}", "neither /me/usage.json nor"),
        (b'[{"log": {"origin": "example.org/log", "position": -1, "hash": null}}]', "does not say"),
        (b'[{"log": {"origin": "example.org/log", "position": 1, "hash": "AA=="}}]', "not say"),
        (b'[{"log": {"origin": "example.org/log", "position": 1}}]', "does not say"),
        (b"[1]", "does not say"),
        (b'[{"log": {"origin": "example.org/log", "position": true, "hash": null}}]', "not say"),
    ],
)
def test_a_list_that_is_none_cannot_be_told(run, tmp_path, data, said):
    file = tmp_path / "list"
    file.write_bytes(data)
    code, _, err = run(story(), shown=False, more=("--list", str(file)))
    assert code == 2
    assert said in err


def test_a_log_key_of_another_log_cannot_tell(run, tmp_path):
    key = key_file(tmp_path)
    key.write_text(key.read_text().replace("generation 1", "generation 0"))
    assert run(story(), key=key, shown=False)[0] == 2


def test_lines_of_another_log_do_not_count(run):
    log = story()
    elsewhere = line(log, 3)
    elsewhere["log"]["origin"] = "example.org/log/1"
    assert run(log, elsewhere, *lines_of(log, 6, 5, 4, 2, 1))[0] == 0
