"""Fetching a log: bounded, taken up where it was, and never back to a shorter or another log."""

import shutil

import pytest

from tests.verifier.loggen import KEY, ORIGIN, A, B, Written, checkpoint, entry, honest, key_of, put
from tests.verifier.served import served
from vault.verifier.__main__ import main
from vault.verifier.errors import BadError, CannotTellError, MissingError, RollbackError
from vault.verifier.fetch import fetch
from vault.verifier.folder import Folder
from vault.verifier.log import check
from vault.verifier.web import Site


@pytest.fixture
def there(tmp_path):
    """What the publisher serves."""
    return tmp_path / "there"


@pytest.fixture
def here(tmp_path):
    return tmp_path / "here"


@pytest.fixture
def site(there):
    there.mkdir()
    with served(there) as (url, asked, odd):
        found = Site(url)
        found.asked, found.odd = asked, odd  # type: ignore[attr-defined]
        yield found


def files(folder):
    return {
        one.relative_to(folder).as_posix(): one.read_bytes()
        for one in folder.rglob("*")
        if one.is_file()
    }


def serve(there, log):
    shutil.rmtree(there)
    log.save(there)
    return log


@pytest.mark.parametrize("count", [1, 256, 700, 65_800])
def test_a_fetched_log_is_the_one_that_is_served(site, there, here, count):
    log = serve(there, honest(count))
    found = fetch(site, here, key=KEY, origin=ORIGIN)
    assert (found.origin, found.size, found.withheld) == (ORIGIN, count, 0)
    assert files(here) == files(there) | {f"checkpoints/{count}": log.checkpoint()}
    assert check(Folder(here), key=KEY, origin=ORIGIN).newest.size == count


def test_an_empty_log_is_fetched(site, there, here):
    put(there, "checkpoint", checkpoint([]))
    assert fetch(site, here).size == 0


def test_a_log_that_grew_is_brought_up_to_date(site, there, here):
    whole = honest(700)
    for size in (100, 200, 256, 600, 700):
        serve(there, Written(whole.entries[:size]))
        site.asked.clear()
        fetch(site, here, key=KEY, origin=ORIGIN)
        assert check(Folder(here), key=KEY, origin=ORIGIN).checkpoints
    # Of what was full before nothing is asked for again, and no part of a tile is left behind.
    assert set(site.asked) == {
        "checkpoint",
        "tile/entries/002.p/188",
        "tile/0/002.p/188",
    }
    assert {name for name in files(here) if ".p/" in name} == {
        "tile/entries/002.p/188",
        "tile/0/002.p/188",
        "tile/1/000.p/2",
    }


def test_a_fetch_that_was_cut_short_is_taken_up(site, there, here):
    serve(there, honest(700))
    site.odd["tile/0/001"] = (500, {}, b"")
    with pytest.raises(CannotTellError, match="answers tile/0/001 with 500"):
        fetch(site, here)
    assert not (here / "checkpoint").exists()
    assert (here / "tile/entries/001").exists()
    del site.odd["tile/0/001"]
    site.asked.clear()
    fetch(site, here)
    assert "tile/entries/001" not in site.asked
    assert check(Folder(here), key=KEY, origin=ORIGIN).newest.size == 700


def test_a_folder_is_never_left_as_if_the_log_had_been_put_back(site, there, here):
    log = serve(there, honest(300))
    fetch(site, here)
    serve(there, Written(honest(400).entries))
    (here / "checkpoint.part").mkdir()  # the newest cannot be written
    with pytest.raises(CannotTellError, match="cannot be written"):
        fetch(site, here)
    found = check(Folder(here), key=KEY, origin=ORIGIN)
    assert found.newest.text == log.checkpoint()


@pytest.mark.parametrize("options", [{}, {"key": KEY, "origin": ORIGIN}])
def test_a_log_that_became_shorter_is_refused_and_nothing_changes(site, there, here, options):
    log = serve(there, honest(700))
    fetch(site, here, **options)
    before = files(here)
    serve(there, Written(log.entries[:600]))
    with pytest.raises(RollbackError, match="600"):
        fetch(site, here, **options)
    assert files(here) == before


@pytest.mark.parametrize("options", [{}, {"key": KEY, "origin": ORIGIN}])
def test_another_log_of_the_same_size_is_refused(site, there, here, options):
    log = serve(there, honest(300))
    fetch(site, here, **options)
    serve(there, Written([*log.entries[:-1], entry(A, 150, seen=290)]))
    with pytest.raises(BadError, match=r"different r(eaders|oots)"):
        fetch(site, here, **options)


def test_a_log_of_another_origin_is_refused(site, there, here):
    serve(there, honest(300))
    fetch(site, here)
    shutil.rmtree(there)
    Written(honest(400).entries, "example.org/log2").save(there)
    with pytest.raises(BadError, match="another origin"):
        fetch(site, here)


def test_a_tile_that_does_not_go_on_from_what_was_fetched_is_refused(site, there, here):
    log = serve(there, honest(100))
    fetch(site, here)
    other = Written([log.entries[0], entry(B, 0, kind=64, at=7), *honest(300).entries[2:]])
    serve(there, other)
    with pytest.raises(BadError, match="does not go on from the part of it"):
        fetch(site, here)


def test_a_full_tile_that_is_there_is_never_written_over(site, there, here):
    log = serve(there, honest(300))
    fetch(site, here)
    other = Written([entry(B, 0, kind=64), *honest(600).entries[1:]])
    serve(there, other)
    before = (here / "tile/entries/000").read_bytes()
    with pytest.raises(BadError):
        fetch(site, here)
    assert (here / "tile/entries/000").read_bytes() == before
    assert log.entries[0] in before


def test_a_forged_checkpoint_is_refused_where_there_is_a_key(site, there, here):
    log = serve(there, honest(300))
    put(there, "checkpoint", checkpoint(log.leaves, seed=bytes(32)))
    with pytest.raises(BadError, match="None of the given keys"):
        fetch(site, here, key=KEY, origin=ORIGIN)
    assert not here.exists()


@pytest.mark.parametrize(
    ("name", "change", "sentence"),
    [
        ("tile/0/000", lambda data: data + b"x", "sends more"),
        ("tile/0/000", lambda data: data[:-1], "does not hold 256 hashes"),
        ("tile/entries/000", lambda data: data[:-1], "does not fit"),
        ("tile/entries/000", lambda data: data + data, "512 entries in place of 256"),
        ("checkpoint", lambda data: data + b"x" * 1_000_000, "sends more"),
        ("checkpoint", lambda data: data[:-1], "ends with a newline"),
    ],
)
def test_files_of_another_size_are_refused(site, there, here, name, change, sentence):
    serve(there, honest(300))
    put(there, name, change((there / name).read_bytes()))
    with pytest.raises(BadError, match=sentence):
        fetch(site, here)
    assert not (here / name).exists()


def test_a_tile_that_is_not_served_is_refused(site, there, here):
    serve(there, honest(300))
    (there / "tile/0/000").unlink()
    with pytest.raises(MissingError, match="tile/0/000"):
        fetch(site, here)


def test_old_bundles_that_are_not_served_are_counted(site, there, here, capsys):
    serve(there, honest(700))
    (there / "tile/entries/000").unlink()
    assert main(["fetch", site.url, str(here)]) == 0
    assert "1 bundles of old entries are not served" in capsys.readouterr().out
    with pytest.raises(BadError, match="no entry of the log says that it was pruned"):
        check(Folder(here), key=KEY, origin=ORIGIN)


def test_a_server_that_is_busy_is_waited_for(site, there, here):
    serve(there, honest(3))
    site.odd["checkpoint"] = (503, {"Retry-After": "0"}, b"")
    assert fetch(site, here).size == 3
    assert site.asked.count("checkpoint") == 2


def test_redirects_are_not_followed(site, there, here):
    serve(there, honest(3))
    site.odd["checkpoint"] = (302, {"Location": "/tile/0/000.p/3"}, b"")
    with pytest.raises(CannotTellError, match="answers checkpoint with 302"):
        fetch(site, here)
    assert site.asked == ["checkpoint"]


def test_an_address_without_a_log_cannot_be_told(site, here):
    with pytest.raises(CannotTellError, match="no checkpoint at this address"):
        fetch(site, here)


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://example.org/log",
        "example.org/log",
        "https://user:secret@example.org/log",
        "https://example.org/log?x=1",
        "https://example.org:port/log",
        "https://[::1/log",
        "https:///log",
        "",
    ],
)
def test_an_address_that_is_none_of_the_web_cannot_be_told(url, here, capsys):
    assert main(["fetch", url, str(here)]) == 2
    assert "CANNOT TELL: The address is not one of http or https" in capsys.readouterr().err


def test_a_server_that_is_not_there_cannot_be_told(here, capsys):
    assert main(["fetch", "http://127.0.0.1:9/log", str(here)]) == 2
    assert "cannot be reached for checkpoint" in capsys.readouterr().err


def test_a_log_with_a_number_is_below_the_first(site, there, here):
    origin = f"{ORIGIN}/2"
    Written([entry(A, 0, kind=64, log_id=2)], origin).save(there / "2")
    words = ["fetch", site.url, str(here), "--log", "2"]
    assert main(words) == 0
    assert {one for one in site.asked if not one.startswith("2/")} == set()
    assert main(["fetch", site.url, str(here), "--log", "70000"]) == 2
    assert main([*words, "--key", key_of(origin)]) == 2  # the origin goes with it
