"""A folder of exports: what is whole is taken once, a bad file stops no other, and a break loses nothing."""

import asyncio
import os
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from tests.services.import_shop import DATA, FILES, customer_of
from tests.vaults import RULEBOOK
from vault.core.errors import BadRequestError
from vault.services import import_folder, import_form, importing, turn
from vault.services.import_folder import DONE, MARK, REFUSED, ROWS, WHY, Rules, Taken
from vault.services.import_mapping import parse
from vault.store import commit, lease

TEXT = (DATA / "mapping.yaml").read_bytes()


@pytest.fixture
async def folder(tmp_path: Path) -> Path:
    path = tmp_path / "in"
    path.mkdir()
    assert (await import_folder.name_of(path)).startswith("import ")
    return path


def lay(folder: Path, name: str, day: str = "2026-11-27", text: str | None = None) -> Path:
    """Lay down an export of one of the sample files."""
    path = folder / f"{name}-{day}.csv"
    path.write_text(text or (DATA / FILES[name]).read_text(encoding="utf-8"), encoding="utf-8")
    return path


def rules(settled: timedelta = timedelta()) -> Rules:
    return Rules(TEXT, parse(TEXT, RULEBOOK, name="m"), RULEBOOK, settled=settled)


async def round_(deps, folder: Path, how: Rules | None = None, **more) -> list[Taken]:
    stop = more.pop("stop", asyncio.Event())
    return [
        one async for one in import_folder.take_in(deps, folder, how or rules(), stop=stop, **more)
    ]


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.is_file() and path.name != MARK)


async def test_files_are_taken_in_the_order_of_their_joins_and_lie_in_a_folder_then(deps, folder):
    for name in ("reviews", "orders", "customers"):
        lay(folder, name)
    taken = await round_(deps, folder)
    assert [(one.name, one.outcome) for one in taken] == [
        ("customers", DONE),
        ("orders", REFUSED),
        ("reviews", REFUSED),
    ]
    assert await customer_of(deps, f"c{1:031d}")
    assert names(folder) == []
    assert names(folder / DONE) == ["customers-2026-11-27.csv"]
    assert names(folder / REFUSED) == [
        "orders-2026-11-27.csv",
        f"orders-2026-11-27.csv{ROWS}",
        "reviews-2026-11-27.csv",
        f"reviews-2026-11-27.csv{ROWS}",
    ]
    assert await round_(deps, folder) == []


async def test_a_file_that_was_taken_is_known_by_its_digest_under_any_name(deps, folder):
    lay(folder, "customers")
    (first,) = await round_(deps, folder)
    lay(folder, "customers")
    lay(folder, "customers", "again")
    again = await round_(deps, folder)
    assert [(one.outcome, one.digest) for one in again] == [("before", first.digest)] * 2
    assert names(folder / DONE) == [
        "customers-2026-11-27.2.csv",
        "customers-2026-11-27.csv",
        "customers-again.csv",
    ]


async def test_a_name_without_room_behind_it_stops_no_other(deps, folder):
    for end in ("a", "b"):
        lay(folder, "customers", end * (255 - len("customers-.csv")))
    lay(folder, "customers", "good")
    taken = await round_(deps, folder)
    assert [one.outcome for one in taken] == [REFUSED, REFUSED, DONE]
    assert names(folder) == []
    assert names(folder / REFUSED) == [
        "long-name", "long-name.2", f"long-name.2{WHY}", f"long-name{WHY}",
    ]  # fmt: skip


async def test_a_pipe_in_the_place_of_refused_rows_holds_nothing_up(deps, folder):
    path = lay(folder, "customers")
    os.mkfifo(path.with_name(path.name + ROWS))
    lay(folder, "orders")
    assert [one.outcome for one in await round_(deps, folder)] == [REFUSED, REFUSED]


async def test_a_file_that_is_taken_back_meanwhile_ends_no_round(deps, folder, monkeypatch):
    lay(folder, "customers", "good")
    real = import_folder._moment

    def moment(path):
        if path.name.endswith("good.csv"):
            return real(path)
        raise FileNotFoundError

    lay(folder, "customers", "gone")
    monkeypatch.setattr(import_folder, "_moment", moment)
    assert [one.outcome for one in await round_(deps, folder)] == [DONE]


async def test_a_bad_file_stops_no_other(deps, folder):
    lay(folder, "customers", "bad", "%PDF-1.7")
    lay(folder, "customers", "good")
    (folder / "nobody-knows.csv").write_text("x\n")
    (folder / "customers-link.csv").symlink_to(DATA / FILES["customers"])
    taken = await round_(deps, folder)
    outcomes = {one.why.split(".")[0]: one.outcome for one in taken}
    assert outcomes == {
        "The file is a PDF file": REFUSED,
        "": DONE,
        "No file of the mapping has this name": REFUSED,
        "The file is a link: name the file itself": REFUSED,
    }
    said = (folder / REFUSED / f"customers-bad.csv{WHY}").read_text()
    assert said == "The file is a PDF file. Save it as CSV or NDJSON.\n"
    assert await customer_of(deps, f"c{1:031d}")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_what_is_not_whole_yet_waits(deps, folder, clock):
    path = lay(folder, "customers")
    for other in (".hidden.csv", "customers.csv.part", "~customers.csv", f"x.csv{ROWS}"):
        (folder / other).write_text("x")
    clock.moment = clock.moment.fromtimestamp(path.stat().st_mtime + 59, tz=clock.moment.tzinfo)
    assert await round_(deps, folder, rules(import_folder.SETTLED)) == []
    clock.turn(seconds=2)
    (taken,) = await round_(deps, folder, rules(import_folder.SETTLED))
    assert taken.name == "customers"
    assert len(names(folder)) == 4


async def test_a_file_that_grows_while_it_is_looked_at_stays(deps, folder, monkeypatch):
    path = lay(folder, "customers")
    whole = import_form.look

    def look(*given):
        form = whole(*given)
        with path.open("a") as file:
            file.write("more")
        return form

    monkeypatch.setattr(import_form, "look", look)
    assert await round_(deps, folder) == []
    assert names(folder) == [path.name]


async def test_a_run_that_was_cut_goes_on_and_what_lies_half_way_is_brought_after(
    deps, folder, monkeypatch
):
    monkeypatch.setattr(importing, "MAX_ROWS", 2)
    monkeypatch.setattr(importing, "MAX_ROWS_SQLITE", 2)
    lay(folder, "customers")
    stop = asyncio.Event()
    assert await round_(deps, folder, stop=stop, report=lambda _: stop.set()) == []
    assert len(names(folder)) == 1
    (taken,) = await round_(deps, folder)
    assert taken.progress
    assert (taken.outcome, taken.progress.rows, taken.progress.added) == (DONE, 5, 2)
    # Killed between the last batch and the move, and between the file and its list.
    orders = lay(folder, "orders")
    with monkeypatch.context() as patch:
        patch.setattr(import_folder, "_away", lambda *_: None)
        await round_(deps, folder)
    orders.rename(folder / REFUSED / orders.name)
    assert await round_(deps, folder) == []
    assert names(folder / REFUSED) == [orders.name, f"{orders.name}{ROWS}"]


async def test_one_process_at_a_time_has_the_turn(deps, folder):
    name, lost = await import_folder.name_of(folder), asyncio.Event()
    async with (
        turn.taken(deps, name, lost=lost) as first,
        turn.taken(deps, name, lost=lost) as second,
    ):
        assert (first, second) == (True, False)
    async with turn.taken(deps, name, lost=lost) as third:
        assert third


async def test_a_turn_that_somebody_else_took_is_lost(deps, monkeypatch):
    monkeypatch.setattr(turn, "RENEW_SECONDS", 0.01)
    lost = asyncio.Event()

    async def over(conn):
        await lease.release(conn, "import x", fence=1)
        return await lease.acquire(conn, "import x", holder=uuid4(), length=turn.LENGTH)

    async with turn.taken(deps, "import x", lost=lost) as mine:
        assert mine
        assert await commit.claim(deps.database, over) == 2
        async with asyncio.timeout(5):
            await lost.wait()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_folder_that_cannot_be_used_is_refused(deps, folder, tmp_path):
    with pytest.raises(BadRequestError, match="cannot be read"):
        await import_folder.name_of(tmp_path / "none")
    (folder / MARK).write_text("?")
    with pytest.raises(BadRequestError, match="is damaged"):
        await import_folder.name_of(folder)
    with pytest.raises(BadRequestError, match="cannot be read"):
        await round_(deps, tmp_path / "none")


def test_a_name_means_the_file_that_it_begins_with():
    which = import_folder._which
    mapping = parse(TEXT, RULEBOOK, name="m")
    for name, found in (
        ("orders.csv", "orders"),
        ("orders_2026.csv", "orders"),
        ("orders", "orders"),
        ("ordersheet.csv", None),
        ("my-orders.csv", None),
    ):
        file = which(mapping, name)
        assert (file.shape.name if file else None) == found
