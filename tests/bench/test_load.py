"""The load generator: what it takes for a whole answer, and what it counts."""

import pytest

from bench.load import Came, complete, note

HEAD = b"HTTP/1.1 200 OK\r\ncontent-length: 24\r\n\r\n"
BODY = b'{"r": "a\\nroot 4 abcdef"}'


@pytest.mark.parametrize("cut", [0, 10, len(HEAD), len(HEAD) + len(BODY) - 2])
def test_a_part_of_an_answer_is_not_an_answer(cut):
    assert complete((HEAD + BODY)[:cut]) == 0


def test_a_whole_answer_is_one():
    assert complete(HEAD + BODY) == len(HEAD)


def test_an_answer_without_length_is_refused():
    with pytest.raises(ValueError, match="content-length"):
        complete(b"HTTP/1.1 200 OK\r\n\r\n")


def test_another_status_is_counted_as_bad_and_never_as_an_answer():
    came = Came()
    note(came, b"HTTP/1.1 503 Busy\r\n\r\n", 21, 0.1, "/a", 0)
    note(came, HEAD + BODY, len(HEAD), 0.1, "/a", 0)
    assert (came.answers, came.bad) == (1, {"503": 1})
    assert (came.looked, came.commits) == (1, 0.25)
