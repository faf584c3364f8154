"""Scopes: one spelling, each once."""

import pytest

from vault.core import scope
from vault.core.scope import LIVE, ON_CUSTOMERS, Scope


def test_a_list_reads_back_as_itself():
    scopes = frozenset({Scope.PROFILE_READ, Scope.CONSENTS_READ})
    assert scope.render(scopes) == "consents.read profile.read"
    assert scope.parse(scope.render(scopes)) == scopes


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "profile.read ",
        " profile.read",
        "profile.read  profile.write",
        "profile.read profile.read",
        "profile.read\tprofile.write",
        "profile.*",
        "PROFILE.READ",
        "openid",
    ],
)
def test_unknown_doubled_and_oddly_spaced_names_are_refused(text):
    assert scope.parse(text) is None


def test_every_scope_that_the_api_answers_concerns_customers():
    assert LIVE <= ON_CUSTOMERS
