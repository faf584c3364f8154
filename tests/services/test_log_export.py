"""What is exported is enough to decide everything again elsewhere, and is nobody else's to read."""

import json
import shutil
import stat
from datetime import timedelta

import pytest

from policies.model import Source
from tests.integrated import clock
from tests.services.decisions import ana, execute
from tests.services.test_replay import deps, live, plant, published
from vault.core.errors import RefusedError
from vault.crypto.signing import SigningKey, verifier_key
from vault.services import customer, log_export, replay_job
from vault.store import replay as store
from vault.verifier.__main__ import main

__all__ = ["ana", "clock", "deps"]


async def exported(deps, folder, *, with_store=False):
    await published(deps)
    done = await log_export.export(deps, folder, with_store=with_store, told=lambda *_: None)
    await published(deps)
    return done


async def verify(deps, *words, use="log"):
    key = SigningKey(deps.keys.service(use).secret)
    name = deps.origin + ("" if use == "log" else f"/{use}")
    given = ("--key", verifier_key(name, key.public), "--origin", deps.origin)
    return main([*map(str, words), *given])


async def test_a_folder_is_replayed_by_the_checker(deps, tmp_path, capsys):
    await live(deps)
    folder = tmp_path / "export"
    done = await exported(deps, folder)
    assert done.customers == 2
    assert await verify(deps, "replay", folder) == 0
    assert "GOOD: 5 entries permitted something" in capsys.readouterr().out


async def test_what_was_planted_is_found_there_too(deps, tmp_path, capsys):
    who, _ = await live(deps)
    await plant(deps, who)
    await exported(deps, tmp_path / "export")
    assert await verify(deps, "replay", tmp_path / "export") == 1
    told = capsys.readouterr()
    assert "contact.email under marketing: withdrawn" in told.out
    assert "1 of 6 entries permitted what should have been refused" in told.err


async def test_hints_decide_nothing(deps, tmp_path, capsys):
    who, _ = await live(deps)
    await plant(deps, who)
    folder = tmp_path / "export"
    await exported(deps, folder)
    hints = folder / "owners.ndjson"
    lines = [json.loads(line) for line in hints.read_text().splitlines()]
    swapped = [[index, 3 - line] for index, line in lines]
    hints.write_text("".join(f"{json.dumps(one)}\n" for one in swapped))
    assert await verify(deps, "replay", folder) == 0
    assert "GOOD: 0 entries" in capsys.readouterr().out  # and the others open under no key
    hints.write_text("[1]\n")
    assert await verify(deps, "replay", folder) == 2
    hints.unlink()
    assert await verify(deps, "replay", folder) == 2


async def test_files_are_the_owner_s_alone_and_a_folder_is_never_written_twice(deps, tmp_path):
    await live(deps)
    folder = tmp_path / "export"
    await exported(deps, folder, with_store=True)
    files = [one for one in folder.rglob("*") if one.is_file()]
    assert {stat.S_IMODE(one.stat().st_mode) for one in files} == {0o600}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    with pytest.raises(RefusedError):
        await exported(deps, folder)


async def test_an_entry_says_that_the_keys_left(deps, tmp_path):
    await live(deps)
    await exported(deps, tmp_path / "export")
    row = await replay_job.begun(deps, start=0)
    assert row is not None
    async with deps.database.connect() as conn:
        leaves = await store.system_leaves(conn, deps.log_id, 0, row.size)
    assert any(b'"state":"exported","use":"log-keys"' in entry for _, entry in leaves)


async def test_the_tables_say_what_the_log_says(deps, tmp_path, capsys):
    await live(deps)
    folder = tmp_path / "export"
    await exported(deps, folder, with_store=True)
    assert await verify(deps, "store", folder) == 0
    assert "GOOD: 3 values of 2 customers" in capsys.readouterr().out
    (folder / "facts.ndjson").unlink()
    assert await verify(deps, "store", folder) == 2


EDITS = {
    "UPDATE value SET sealed = substr(sealed, 1, 20)": "is not what its newest entry",
    "UPDATE consent SET state = 'given'": "is not their last change",
    "UPDATE consent SET until_ms = until_ms + 1": "is not their last change",
    "UPDATE consent SET fields = '[]'": "is not their last change",
    "UPDATE standing SET flags = 0": "does not say what their last change left",
    "UPDATE standing SET epoch = epoch - 1": "is not of their last change",
    "UPDATE access_fact SET allowed = allowed + 1": "are not those of the entry",
    "UPDATE access_fact SET app = 'other'": "are not those of the entry",
    "DELETE FROM access_fact WHERE kind = 1": "There are facts beside",
}


@pytest.mark.parametrize("edit", EDITS)
async def test_an_edited_table_is_found(deps, tmp_path, capsys, edit):
    await live(deps)
    await published(deps)
    await execute(deps, edit)
    folder = tmp_path / "export"
    await exported(deps, folder, with_store=True)
    assert await verify(deps, "store", folder) == 1
    assert EDITS[edit] in capsys.readouterr().err


async def test_the_note_of_a_replay_is_checked(deps, tmp_path, capsys):
    await live(deps)
    await published(deps)
    row = await replay_job.begun(deps)
    assert row is not None
    note = await replay_job.certify(deps, row)
    file = tmp_path / "note"
    file.write_text(note)
    assert await verify(deps, "replay-note", file, use="replay") == 0
    assert "0 should have been refused" in capsys.readouterr().out
    assert await verify(deps, "replay-note", file) == 1  # the log's own key signs no replay
    for old, new in (("from 0", "from 1"), ("disagreements 0", "disagreements 1")):
        assert old in note
        file.write_text(note.replace(old, new))
        assert await verify(deps, "replay-note", file, use="replay") == 1


async def grown(deps, count):
    """Let the log grow by entries that the replay reads past."""
    for _ in range(count):
        await customer.add(deps, {}, source=Source.TOLD)
    await published(deps)


async def test_what_came_since_completes_an_export_of_before(deps, tmp_path, capsys):
    await live(deps)
    old, new = tmp_path / "old", tmp_path / "new"
    before = await exported(deps, old, with_store=True)
    await grown(deps, 260)
    done = await log_export.export(
        deps, new, with_store=True, told=lambda *_: None, since=before.size
    )
    assert (done.since, done.size > before.size + 260) == (before.size, True)
    shutil.copytree(new, old, dirs_exist_ok=True)
    capsys.readouterr()
    assert await verify(deps, "replay", old) == 0
    assert await verify(deps, "store", old) == 0
    assert await verify(deps, "log", old) == 0
    assert "seen before and agree: 2" in capsys.readouterr().out


async def test_what_was_whole_is_left_out_and_what_is_there_is_checked_since(
    deps, tmp_path, capsys
):
    await live(deps)
    await grown(deps, 260)
    old, new = tmp_path / "old", tmp_path / "new"
    before = await exported(deps, old)
    await grown(deps, 5)
    deps.clock.turn(seconds=20)
    at = deps.clock.now()
    deps.clock.turn(seconds=20)
    await grown(deps, 5)
    done = await log_export.export(deps, new, with_store=False, told=lambda *_: None, since=at)
    assert before.size < done.since < done.size
    names = {str(one.relative_to(new)) for one in (new / "tile").rglob("*") if one.is_file()}
    assert names == {
        f"tile/0/001.p/{done.size - 256}",
        "tile/1/000.p/1",
        f"tile/entries/001.p/{done.size - 256}",
    }
    kept = tmp_path / "kept"
    kept.write_bytes((old / "checkpoint").read_bytes())
    assert await verify(deps, "log", new, "--since", kept) == 0
    said = capsys.readouterr().out
    assert "The entries before 256 are not in the folder" in said
    assert "pruned" not in said
    assert await verify(deps, "log", new) == 1  # alone it is not the log


async def test_a_size_that_the_log_never_had_is_refused_and_nothing_is_made(deps, tmp_path):
    await live(deps)
    await published(deps)
    for since in (10_000, deps.clock.now() - timedelta(days=999)):
        folder = tmp_path / str(type(since).__name__)
        if isinstance(since, int):
            with pytest.raises(RefusedError, match="not that long"):
                await log_export.export(
                    deps, folder, with_store=False, told=lambda *_: None, since=since
                )
            assert not folder.exists()
        else:  # before the first checkpoint: everything
            done = await log_export.export(
                deps, folder, with_store=False, told=lambda *_: None, since=since
            )
            assert done.since == 0
            assert await verify(deps, "replay", folder) == 0
