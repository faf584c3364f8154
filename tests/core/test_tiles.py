from hashlib import sha256

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.crypto.vectors import load
from vault.core import merkle, tile_proof, tiles
from vault.core.entry import join
from vault.core.errors import FormatError
from vault.core.merkle import ProofError
from vault.core.tiles import ENTRIES, Nodes, Tile
from vault.verifier import merkle as independent

LEAVES = [number.to_bytes(32) for number in range(66_100)]
# Sizes at which something becomes full, and its neighbours.
SIZES = st.one_of(st.integers(1, 1_200), st.sampled_from([255, 256, 257, 511, 512, 513]))
LARGE = (65_535, 65_536, 65_537, 66_048)


def grow(size, steps):
    """Grow a log to a size in these steps, and on to it at once; return its full tiles."""
    full: dict = {}
    at = 0
    for step in [*steps, size]:
        added = LEAVES[at : min(at + step, size)]
        held = {one: partial(one, full) for one in tiles.begun(at, len(added))}
        for made in tiles.grown(at, added, held):
            assert (made.level, made.n) not in full
            full[made.level, made.n] = made
        at += len(added)
    return full


def partial(tile, full):
    first = tile.n * 256
    below = range(first, first + tile.width)
    if tile.level == 0:
        return b"".join(LEAVES[number] for number in below)
    return b"".join(full[tile.level - 1, number].root for number in below)


def held(size, full, wanted=None):
    return {
        one: full[one.level, one.n].hashes if one.width == 256 else partial(one, full)
        for one in (tiles.all_at(size) if wanted is None else wanted)
    }


def nodes(whole):
    return {one: Nodes(data) for one, data in whole.items()}


@given(SIZES, st.lists(st.integers(1, 700), max_size=4))
@example(66_048, [65_535, 1, 1])
@example(65_537, [65_300, 236])
def test_tiles_are_the_same_however_the_log_grew(size, steps):
    full = grow(size, steps)
    assert full == grow(size, [])
    wanted = {(one.level, one.n) for one in tiles.all_at(size) if one.width == 256}
    assert full.keys() == wanted
    for (level, n), made in full.items():
        span = 256 ** (level + 1)
        assert made.root == merkle.root(LEAVES[n * span : (n + 1) * span])
        assert Nodes(made.hashes).root == made.root


def check(size, indexes, olds):
    full = grow(size, [])

    def found(covers):
        wanted = tile_proof.needed(covers, size)
        assert len(wanted) <= 2 * 3  # a handful: for each level the path's and the right edge's
        return tile_proof.hashes(covers, size, nodes(held(size, full, wanted)))

    root = merkle.root(LEAVES[:size])
    assert found(tile_proof.root_covers(size)) == [root]
    for index in indexes:
        proof = found(tile_proof.inclusion_covers(index, size))
        assert proof == merkle.inclusion_proof(LEAVES[:size], index)
        independent.check_inclusion(LEAVES[index], index, size, proof, root)
    for old in olds:
        proof = found(tile_proof.consistency_covers(old, size))
        assert proof == merkle.consistency_proof(LEAVES[:size], old)


@given(SIZES, st.data())
def test_roots_and_proofs_from_tiles_are_those_from_the_leaves(size, data):
    index, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(1, size))
    check(size, {0, index, size - 1}, {1, old, size})


@pytest.mark.parametrize("size", LARGE)
def test_they_are_the_same_where_a_third_level_begins(size):
    check(size, {0, 65_534, size - 1}, {1, 256, 65_534, 65_535, size})


@given(st.integers(1, 2**62))
def test_a_proof_in_a_log_of_any_size_needs_a_handful_of_tiles(size):
    for index in {0, size // 3, size - 1}:
        assert len(tile_proof.needed(tile_proof.inclusion_covers(index, size), size)) <= 16
    assert len(tile_proof.needed(tile_proof.root_covers(size), size)) <= 8


@given(st.integers(0, 70_000))
def test_the_tiles_of_a_size_hold_each_hash_once(size):
    widths: dict = {}
    for tile in tiles.all_at(size):
        widths[tile.level] = widths.get(tile.level, 0) + tile.width
        assert tile.width == 256 or tile.width == (size // 256**tile.level) % 256
    assert widths == {level: size // 256**level for level in range(3) if size // 256**level}


@given(st.sampled_from([ENTRIES, 0, 1, 7, 63]), st.integers(0, 10**18 - 1), st.integers(1, 256))
def test_a_path_is_read_as_it_is_written(level, n, width):
    tile = Tile(level, n, width)
    assert Tile.parse(tile.path) == tile


@pytest.mark.parametrize(
    ("path", "tile"),
    [
        ("tile/0/x001/x234/067", Tile(0, 1_234_067, 256)),
        ("tile/0/000", Tile(0, 0, 256)),
        ("tile/3/999.p/255", Tile(3, 999, 255)),
        ("tile/10/x001/000", Tile(10, 1_000, 256)),
        ("tile/entries/x001/x234/067.p/1", Tile(ENTRIES, 1_234_067, 1)),
    ],
)
def test_paths_are_those_of_tlog_tiles(path, tile):
    assert Tile.parse(path) == tile
    assert tile.path == path


@pytest.mark.parametrize(
    "path",
    [
        "",
        "tile",
        "tile/0",
        "tile/0/",
        "tile/0/0",
        "tile/0/00",
        "tile/0/0000",
        "tile/0/1234067",
        "tile/0/001/234/067",
        "tile/0/x001/234/067",
        "tile/0/x000/001",
        "tile/0/x000/x001/002",
        "tile/0/x001",
        "tile/0/x001/x002",
        "tile/0/X001/002",
        "tile/00/000",
        "tile/01/000",
        "tile/-1/000",
        "tile/64/000",
        "tile/100/000",
        "tile/entry/000",
        "tile/ENTRIES/000",
        "tile/0/000.p/0",
        "tile/0/000.p/00",
        "tile/0/000.p/01",
        "tile/0/000.p/256",
        "tile/0/000.p/999",
        "tile/0/000.p/1000",
        "tile/0/000.p/-1",
        "tile/0/000.p/",
        "tile/0/000.p",
        "tile/0/000.P/1",
        "tile/0/000.p/1/",
        "tile/0/000/",
        "tile/0/000\n",
        "tile/0/000.p/1\n",
        "/tile/0/000",
        "tile//000",
        "tile/0//000",
        "tile/0/x001//002",
        "tile/0/٠٠٠",
        "tile/0/000.p/٣",
        "tile/0/" + "x001/" * 6 + "000",
        "log/tile/0/000",
        "tile/0/../0/000",
        "tile/0/000?x",
    ],
)
def test_no_other_spelling_is_a_path(path):
    with pytest.raises(FormatError):
        Tile.parse(path)


@pytest.mark.parametrize(
    ("level", "n", "size", "width"),
    [
        (0, 0, 0, 0),
        (0, 0, 1, 1),
        (0, 1, 256, 0),
        (0, 1, 257, 1),
        (0, 9, 300, 0),
        (1, 0, 255, 0),
        (1, 0, 256, 1),
        (1, 0, 65_536, 256),
        (2, 0, 65_536, 1),
        (ENTRIES, 3, 1_000, 232),
    ],
)
def test_a_tile_is_as_wide_as_the_log_has_come(level, n, size, width):
    assert tiles.width_at(level, n, size) == width
    if width:
        assert Tile.at(level, n, size) == Tile(level, n, width)
    else:
        with pytest.raises(ProofError):
            Tile.at(level, n, size)


@pytest.mark.parametrize(("index", "size"), [(0, 0), (-1, 3), (3, 3), (4, 3)])
def test_there_is_no_proof_of_a_leaf_outside_of_the_tree(index, size):
    with pytest.raises(ProofError):
        tile_proof.inclusion_covers(index, size)


@pytest.mark.parametrize(("old", "size"), [(0, 0), (0, 3), (-1, 3), (4, 3)])
def test_there_is_no_proof_from_a_tree_that_never_was(old, size):
    with pytest.raises(ProofError):
        tile_proof.consistency_covers(old, size)


def test_the_empty_tree_has_no_root_in_tiles():
    with pytest.raises(ProofError):
        tile_proof.root_covers(0)


def test_a_tile_that_is_cut_short_is_refused():
    size = 300
    whole = held(size, grow(size, []))
    for cut in (1, 31, 33):
        with pytest.raises(ProofError):
            Nodes(whole[Tile(0, 1, 44)][:-cut])
    short = nodes(whole | {Tile(0, 1, 44): whole[Tile(0, 1, 44)][:-32]})
    with pytest.raises(ProofError):
        tile_proof.hashes(tile_proof.root_covers(size), size, short)


@pytest.mark.parametrize("data", [b"", b"x", b"x" * 31, b"x" * 33, b"x" * (8_192 + 32)])
def test_what_is_no_tile_is_refused(data):
    with pytest.raises(ProofError):
        Nodes(data)


@given(st.integers(1, 256))
def test_the_nodes_of_a_tile_are_those_of_the_tree(width):
    found = Nodes(b"".join(LEAVES[:width]))
    assert found.width == width
    assert [found.hash_of(place) for place in range(width)] == LEAVES[:width]
    for height in range(9):
        span = 2**height
        for number in range(width // span):
            wanted = merkle.root(LEAVES[number * span : (number + 1) * span])
            assert found.node(height, number) == wanted
        with pytest.raises(ProofError):
            found.node(height, width // span)
    with pytest.raises(ProofError):
        found.node(9, 0)


@given(st.integers(0, 299), st.integers(0, 31), st.integers(1, 255))
def test_no_byte_of_a_tile_can_be_changed(leaf, byte, bits):
    size = 300
    tile = Tile.at(0, leaf // 256, size)
    whole = held(size, grow(size, []))
    changed = bytearray(whole[tile])
    changed[leaf % 256 * 32 + byte] ^= bits
    spoiled = whole | {tile: bytes(changed)}
    if tile.width == 256:  # the hash over it stands in the tile above
        assert Nodes(bytes(changed)).root != Nodes(whole[Tile(1, 0, 1)]).hash_of(0)
    else:
        covers = tile_proof.root_covers(size)
        root = [merkle.root(LEAVES[:size])]
        assert tile_proof.hashes(covers, size, nodes(whole)) == root
        assert tile_proof.hashes(covers, size, nodes(spoiled)) != root


def test_the_known_answer_of_the_formats():
    letters = [merkle.leaf_hash(letter) for letter in (b"a", b"b", b"c")]
    whole = {Tile(0, 0, 3): Nodes(b"".join(letters))}
    (root,) = tile_proof.hashes(tile_proof.root_covers(3), 3, whole)
    assert root.hex() == "36642e73c2540ab121e3a6bf9545b0a24982cd830eb13d3cd19de3ce6c021ec1"


def test_a_tree_of_70_000_has_the_tiles_that_the_specification_counts():
    found = list(tiles.all_at(70_000))
    assert sum(tile.level == 0 and tile.width == 256 for tile in found) == 273
    assert [tile for tile in found if tile.width < 256 or tile.level] == [
        Tile(0, 273, 112),
        Tile(1, 0, 256),
        Tile(1, 1, 17),
        Tile(2, 0, 1),
    ]


def test_tiles_and_proofs_are_those_of_the_vectors():
    vectors = load("tiles")
    size = vectors["size"]
    leaves = [merkle.leaf_hash(number.to_bytes(8)) for number in range(size)]
    full = {(one.level, one.n): one for one in tiles.grown(0, leaves, {})}

    def data(tile):
        if tile.width == 256:
            return full[tile.level, tile.n].hashes
        below = range(tile.n * 256, tile.n * 256 + tile.width)
        if tile.level == 0:
            return b"".join(leaves[number] for number in below)
        return b"".join(full[tile.level - 1, number].root for number in below)

    def proof(covers):
        held = {one: Nodes(data(one)) for one in tile_proof.needed(covers, size)}
        return [one.hex() for one in tile_proof.hashes(covers, size, held)]

    for case in vectors["tiles"]:
        found = data(Tile.parse(case["path"]))
        assert (len(found), sha256(found).hexdigest()) == (case["bytes"], case["sha256"])
    assert proof(tile_proof.root_covers(size)) == [vectors["root"]]
    assert merkle.root(leaves).hex() == vectors["root"]
    for case in vectors["inclusion"]:
        covers = tile_proof.inclusion_covers(case["index"], size)
        assert proof(covers) == case["hashes"]
        assert sorted(one.path for one in tile_proof.needed(covers, size)) == case["tiles"]
    for case in vectors["consistency"]:
        covers = tile_proof.consistency_covers(case["old"], size)
        assert proof(covers) == case["hashes"]
        assert sorted(one.path for one in tile_proof.needed(covers, size)) == case["tiles"]
    bundle = Tile.parse(vectors["bundle"]["path"])
    first = bundle.n * 256
    entries = join(number.to_bytes(8) for number in range(first, first + bundle.width))
    assert sha256(entries).hexdigest() == vectors["bundle"]["sha256"]
