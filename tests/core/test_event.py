"""Who and outcome of a contact event."""

import pytest

from vault.core.errors import WrongValueError
from vault.core.event import MAX_WHO, Outcome, check_outcome, check_who


@pytest.mark.parametrize("who", ["", "customer", "Shop team Porto", "loja", "a" * MAX_WHO])
def test_a_role_or_a_team_is_taken(who):
    check_who(who)


@pytest.mark.parametrize("who", ["a" * (MAX_WHO + 1), "a\n", "a\0", "\u202eabc", " a", "a "])
def test_what_is_no_role_is_refused(who):
    with pytest.raises(WrongValueError):
        check_who(who)


def test_an_outcome_is_one_of_a_closed_list():
    for one in ("", *Outcome):
        check_outcome(one)
    with pytest.raises(WrongValueError, match="answered, solved, beyond"):
        check_outcome("Solved")
