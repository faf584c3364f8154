"""Who signed a checkpoint, who witnessed it, and that it goes on from those before."""

import base64

import pytest

from tests.verifier.loggen import (
    KEY,
    ORIGIN,
    A,
    Written,
    checkpoint,
    checkpoint_text,
    cosignature,
    entry,
    honest,
    key_of,
    root,
    signature,
)
from vault.verifier.__main__ import main

LOG = honest(700)
TEXT = checkpoint_text(700, root(LOG.leaves))
ONE, TWO = bytes((1,)) * 32, bytes((2,)) * 32
W1, W2 = key_of("one.example/w", ONE, 4), key_of("two.example/w", TWO, 4)
COSIGNED = LOG.checkpoint() + cosignature(TEXT, "one.example/w", ONE)
TWICE = COSIGNED + cosignature(TEXT, "two.example/w", TWO, at=1_764_000_060)


@pytest.fixture
def run(tmp_path, capsys):
    def checkpoint_command(data, *words):
        file = tmp_path / "checkpoint"
        file.write_bytes(data)
        code = main(["checkpoint", str(file), "--key", KEY, "--origin", ORIGIN, *words])
        said = capsys.readouterr()
        return code, said.out + said.err

    return checkpoint_command


def test_a_signed_checkpoint_holds(run):
    code, said = run(LOG.checkpoint())
    assert code == 0
    assert "signed a log of 700 entries" in said


def test_a_checkpoint_by_another_key_is_refused(run):
    assert run(checkpoint(LOG.leaves, seed=ONE)) == (
        1,
        "BAD: None of the given keys has signed this.\n",
    )


def test_a_checkpoint_of_a_second_origin_is_refused(run):
    text = checkpoint_text(700, root(LOG.leaves), "example.org/log2")
    data = f"{text}\n{signature(text.encode())}".encode()
    assert run(data) == (1, "BAD: The checkpoint is of another origin.\n")


def test_a_log_whose_key_was_changed_is_read_with_both(run):
    old = checkpoint(LOG.leaves, seed=ONE)
    assert run(old, "--key", key_of(ORIGIN, ONE))[0] == 0
    assert run(LOG.checkpoint(), "--key", key_of(ORIGIN, ONE))[0] == 0
    assert run(checkpoint(LOG.leaves, seed=TWO), "--key", key_of(ORIGIN, ONE))[0] == 1


def test_witnesses_are_counted_by_their_own_keys(run):
    code, said = run(TWICE, "--witness", W1, "--witness", W2)
    assert code == 0
    assert "Witnessed by one.example/w at 2025-11-24T16:00:00+00:00." in said
    assert "Witnessed by two.example/w at 2025-11-24T16:01:00+00:00." in said


def test_fewer_witnesses_than_demanded_are_refused(run):
    code, said = run(COSIGNED, "--witness", W1, "--witness", W2)
    assert code == 1
    assert "1 of the 2 witnesses signed this, and 2 are demanded" in said
    assert run(COSIGNED, "--witness", W1, "--witness", W2, "--quorum", "1")[0] == 0


def test_a_wrong_cosignature_refuses_the_checkpoint_even_beside_a_good_one(run):
    forged = COSIGNED + cosignature(TEXT.replace("700", "701"), "two.example/w", TWO)
    code, said = run(forged, "--witness", W1, "--witness", W2, "--quorum", "1")
    assert (code, said) == (1, "BAD: The cosignature of two.example/w is wrong.\n")


def test_the_time_of_a_cosignature_is_signed(run):
    line = cosignature(TEXT, "one.example/w", ONE).split(b" ")[2]
    blob = bytearray(base64.b64decode(line))
    blob[11] ^= 1
    changed = LOG.checkpoint() + b"\xe2\x80\x94 one.example/w " + base64.b64encode(blob) + b"\n"
    assert run(changed, "--witness", W1)[0] == 1


def test_one_witness_twice_is_one(run):
    twice = COSIGNED + cosignature(TEXT, "one.example/w", ONE, at=1_764_000_001)
    code, said = run(twice, "--witness", W1, "--witness", W2)
    assert code == 1
    assert "1 of the 2 witnesses" in said


def test_signatures_of_unknown_kinds_are_ignored(run):
    later = cosignature(TEXT, "one.example/w", ONE, kind=7)
    plain = signature(TEXT.encode(), "one.example/w", ONE).encode()
    code, said = run(LOG.checkpoint() + later + plain, "--witness", W1)
    assert code == 1
    assert "0 of the 1 witnesses" in said
    assert run(COSIGNED + later + plain, "--witness", W1)[0] == 0


@pytest.mark.parametrize(
    "words",
    [
        ("--witness", key_of("one.example/w", ONE, 6)),  # 32 bytes are no key of ML-DSA-44
        ("--witness", key_of("one.example/w", ONE, 7)),
        ("--witness", key_of("one.example/w", ONE, 1)),  # a log's key is no witness's
        ("--witness", W1, "--witness", W1),
        ("--witness", W1, "--witness", W1, "--quorum", "1"),
        ("--witness", W1, "--quorum", "2"),
        ("--witness", W1, "--quorum", "0"),
        ("--quorum", "1"),
        ("--witness", "nonsense"),
    ],
)
def test_a_demand_that_nothing_can_meet_cannot_be_told(run, words):
    assert run(TWICE, *words)[0] == 2


@pytest.mark.parametrize("key", ["x", W1, key_of("other.example/log")])
def test_a_key_of_another_kind_or_origin_cannot_be_told(run, key):
    assert run(LOG.checkpoint(), "--key", key)[0] == 2


def test_a_smaller_checkpoint_than_one_seen_is_refused(run, tmp_path):
    state = ("--state", str(tmp_path / "state"))
    assert run(LOG.checkpoint(500), *state)[0] == 0
    assert run(LOG.checkpoint(700), *state)[0] == 0
    assert run(LOG.checkpoint(700), *state)[0] == 0
    code, said = run(LOG.checkpoint(600), *state)
    assert code == 1
    assert "of size 600, but one of size 700 was seen before" in said
    assert run(LOG.checkpoint(600))[0] == 0  # without a memory nobody can know


def test_another_checkpoint_of_a_size_seen_is_refused(run, tmp_path):
    state = ("--state", str(tmp_path / "state"))
    assert run(LOG.checkpoint(700), *state)[0] == 0
    other = Written([*LOG.entries[:-1], entry(A, 400)])
    code, said = run(other.checkpoint(), *state)
    assert code == 1
    assert "Two checkpoints of size 700 have different roots" in said


def test_a_checkpoint_that_is_refused_is_not_remembered(run, tmp_path):
    state = ("--state", str(tmp_path / "state"))
    assert run(LOG.checkpoint(700), *state, "--witness", W1)[0] == 1
    assert run(LOG.checkpoint(600), *state)[0] == 0


# consistency


@pytest.fixture
def compare(tmp_path, capsys):
    LOG.save(tmp_path / "log")

    def consistency_command(old, new):
        for name, data in (("old", old), ("new", new)):
            (tmp_path / name).write_bytes(data)
        files = [str(tmp_path / name) for name in ("old", "new", "log")]
        code = main(["consistency", *files, "--key", KEY, "--origin", ORIGIN])
        said = capsys.readouterr()
        return code, said.out + said.err

    return consistency_command


@pytest.mark.parametrize("old", [1, 2, 255, 256, 257, 512, 600, 700])
@pytest.mark.parametrize("new", [256, 300, 699, 700])
def test_a_log_only_grew_between_any_two_sizes(compare, old, new):
    if old > new:
        return
    code, said = compare(LOG.checkpoint(old), LOG.checkpoint(new))
    assert code == 0
    assert f"only grew, from {old} entries to {new}" in said


@pytest.mark.parametrize("size", [2, 256, 300, 700])
def test_a_checkpoint_of_another_past_is_refused(compare, size):
    other = Written([LOG.entries[0], entry(b"x" * 16, 0), *LOG.entries[2:size]])
    assert compare(other.checkpoint(), LOG.checkpoint())[0] == 1
    assert compare(LOG.checkpoint(1), other.checkpoint())[0] == 1


def test_a_log_that_became_shorter_is_refused(compare):
    code, said = compare(LOG.checkpoint(700), LOG.checkpoint(600))
    assert code == 1
    assert "when it was seen before it had 700" in said


def test_nothing_is_shown_from_an_empty_log(compare):
    code, said = compare(checkpoint([]), LOG.checkpoint())
    assert code == 1
    assert "from which nothing is shown" in said


def test_old_and_new_tiles_that_fit_their_checkpoints_apart_are_refused(tmp_path, compare):
    # The full tile holds the old entries, the level above it the root of others: each checkpoint
    # has tiles that lead to it, and still the log did not only grow.
    other = Written([entry(b"x" * 16, 0), *LOG.entries[1:]])
    tile = tmp_path / "log/tile/1/000.p/2"
    Written(other.entries).save(tmp_path / "other")
    tile.write_bytes((tmp_path / "other/tile/1/000.p/2").read_bytes())
    code, said = compare(LOG.checkpoint(200), other.checkpoint())
    assert code == 1
    assert "does not continue" in said
