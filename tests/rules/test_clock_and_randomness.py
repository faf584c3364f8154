"""Time is the unit's and chance is crypto's: nothing else asks the machine for either.

Ruff bans the same names; this test also follows aliases, and knows which file may ask for which.
"""

import pytest

from tests.rules.tree import Source, planted, sources

CLOCK = {
    "datetime.date.today",
    "datetime.datetime.now",
    "datetime.datetime.today",
    "datetime.datetime.utcnow",
    "time.time",
    "time.time_ns",
}
CLOCKS = {"vault/services/clock.py", "vault/wiring.py"}
CHANCE = {"os.getrandom", "os.urandom", "random", "secrets", "uuid.uuid1", "uuid.uuid4"}
CHANCE_MODULES = ("random.", "secrets.")
# The store may not see crypto, and the pause before another try guards no secret.
DICE = {"vault/crypto/random.py", "vault/store/commit.py"}


def violations(tree: list[Source]) -> list[str]:
    """Name each use of the machine's clock or randomness outside of its home."""
    found = set()
    for source in tree:
        for line, name in source.names():
            chance = name in CHANCE or name.startswith(CHANCE_MODULES)
            if name in CLOCK and source.path not in CLOCKS:
                found.add(f"{source.path}:{line} asks {name}")
            if chance and source.path not in DICE:
                found.add(f"{source.path}:{line} asks {name}")
    return sorted(found)


def test_clock_and_randomness_stay_at_home():
    assert violations(sources()) == []


@pytest.mark.parametrize(
    "text",
    [
        "import time\nx = time.time()\n",
        "import datetime as dt\nx = dt.datetime.now(dt.UTC)\n",
        "from datetime import datetime\nx = datetime.now()\n",
        "from os import urandom as bytes_\nx = bytes_(16)\n",
        "import secrets\n\nx = secrets.token_bytes(16)\n",
        "from random import choice\n\nx = choice('ab')\n",
        "import uuid\nx = uuid.uuid4()\n",
    ],
)
def test_a_second_source_is_found(tmp_path, text):
    assert violations(planted(tmp_path, "vault/services/profile.py", text)) != []


def test_randomness_in_the_clock_is_found(tmp_path):
    text = "import os\nx = os.urandom(16)\n"
    assert "vault/services/clock.py:2 asks os.urandom" in violations(
        planted(tmp_path, "vault/services/clock.py", text)
    )


def test_our_own_random_module_may_be_used(tmp_path):
    text = "from vault.crypto import random\n\nx = random.token(16)\n"
    assert violations(planted(tmp_path, "vault/services/profile.py", text)) == []
