from contextlib import ExitStack

from hypothesis import given
from hypothesis import strategies as st

from vault.services.seen import Horizon


def test_nothing_is_known_at_first():
    assert (Horizon().newest, Horizon().oldest) == (0, 0)


def test_a_late_answer_with_a_smaller_size_changes_nothing():
    horizon = Horizon()
    horizon.learn(7)
    horizon.learn(5)
    assert horizon.newest == 7


def test_a_look_that_fails_no_longer_counts():
    horizon = Horizon()
    try:
        with horizon.looking():
            horizon.learn(3)
            assert horizon.oldest == 0
            raise ZeroDivisionError
    except ZeroDivisionError:
        pass
    assert horizon.oldest == 3


STEPS = st.one_of(
    st.tuples(st.just("learn"), st.integers(0, 50)),
    st.tuples(st.just("enter"), st.just(0)),
    st.tuples(st.just("leave"), st.integers(0, 20)),
)


@given(st.lists(STEPS, max_size=60))
def test_what_is_published_never_falls_and_is_never_newer_than_a_look_under_way(steps):
    horizon = Horizon()
    running: list[tuple[int, ExitStack]] = []
    published = [horizon.oldest]
    for step, number in steps:
        if step == "learn":
            horizon.learn(number)
        elif step == "enter":
            look = ExitStack()
            running.append((look.enter_context(horizon.looking()), look))
        elif running:
            running.pop(number % len(running))[1].close()
        assert all(horizon.oldest <= seen for seen, _ in running)
        published.append(horizon.oldest)
    assert published == sorted(published)
    for _, look in running:
        look.close()
    assert horizon.oldest == horizon.newest
