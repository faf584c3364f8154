"""A bounded memory: the least recently used goes first."""

from vault.services.recent import Recent


def test_the_least_recently_used_makes_room():
    recent: Recent[str, int] = Recent(2)
    recent.put("a", 1)
    recent.put("b", 2)
    assert recent.get("a") == 1
    recent.put("c", 3)
    assert [recent.get(key) for key in "abc"] == [1, None, 3]


def test_an_entry_may_be_replaced():
    recent: Recent[str, int] = Recent(1)
    recent.put("a", 1)
    recent.put("a", 2)
    assert recent.get("a") == 2
