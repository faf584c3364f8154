import pytest
from hypothesis import given
from hypothesis import strategies as some

from vault.core import canonical, place

LOGS = some.integers(0, place.LAST_LOG)
INDEXES = some.integers(0, 2**48 - 1)


@given(LOGS, INDEXES)
def test_a_place_is_its_log_and_its_index_and_an_integer_that_json_keeps(log_id, index):
    where = place.at(log_id, index)
    assert (place.log_of(where), place.index_of(where)) == (log_id, index)
    assert canonical.loads(canonical.dumps(where)) == where


@given(LOGS, INDEXES, LOGS, INDEXES)
def test_places_follow_the_logs_and_then_the_indexes(log_id, index, other, second):
    assert (place.at(log_id, index) < place.at(other, second)) == (
        (log_id, index) < (other, second)
    )


@pytest.mark.parametrize(("log_id", "index"), [(32, 0), (-1, 0), (0, 2**48), (0, -1)])
def test_outside_of_the_logs_there_is_no_place(log_id, index):
    with pytest.raises(ValueError, match="no place"):
        place.at(log_id, index)


def test_files_name_origin_and_index_apart():
    said = place.position("https://example.org", place.at(2, 9))
    assert said == {"origin": "example.org/log/2", "position": 9}
