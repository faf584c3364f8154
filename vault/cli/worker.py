"""Be the process that serves: the application, its log, and a watch on the process above.

When the supervisor is killed outright nobody would stop this process, and it would go on holding
the port; so it ends itself within a second. Nothing is lost by that: what was acknowledged is
committed.
Source: security note, 6, slow clients, trap (c).
"""

import os
import threading
import time
from typing import Final

from vault.cli.logs import configure
from vault.main import app

__all__ = ["app"]

LOOK_SECONDS: Final = 0.25


def watch(parent: int) -> None:
    """End this process as soon as its parent is another one."""
    while os.getppid() == parent:
        time.sleep(LOOK_SECONDS)
    os._exit(1)


configure()
threading.Thread(target=watch, args=(os.getppid(),), daemon=True, name="parent").start()
