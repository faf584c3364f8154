"""Remember in this process, too, how often codes were wrong.

The store counts for all processes, but whoever can write its rows can set a count back. What is
remembered here nobody can: each process lets one code be tried five times, and one address be wrong
thirty times in a row. A restart forgets; the rows do not.
Source: portal note, 6; security note, T15.
"""

from typing import Final

from vault.services.recent import Recent
from vault.store.sign_in import MAX_TRIES

ONLY_LINKS: Final = 30  # wrong codes in a row for an address
_MOST: Final = 20_000  # sign-ins and addresses that are remembered

_tries: Final = Recent[bytes, int](_MOST)
_wrong: Final = Recent[bytes, int](_MOST)


def may_try(asked: bytes) -> bool:
    """Count a try and say whether it is one of the first five.

    Args:
        asked: deployment and key of the sign-in's row, which no other row can have.
    """
    count = (_tries.get(asked) or 0) + 1
    _tries.put(asked, count)
    return count <= MAX_TRIES


def count_wrong(address: bytes) -> None:
    """Count a wrong code for an address."""
    _wrong.put(address, (_wrong.get(address) or 0) + 1)


def only_links(address: bytes) -> bool:
    """Say whether codes no longer work for an address, as far as this process knows."""
    return (_wrong.get(address) or 0) >= ONLY_LINKS


def clear(address: bytes) -> None:
    """Forget the wrong codes of an address after a right one."""
    _wrong.put(address, 0)
