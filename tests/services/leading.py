"""A process of its own that integrates and signs the log while it leads, and says when it does.

    python -m tests.services.leading URL

It goes on until it is killed.
"""

import asyncio
import sys

from tests.services.logbook import BELIEVE, LOG, SIGNER
from tests.services.scribe import Clock
from vault.services.integrator import Integrator
from vault.services.publishing import Publishing
from vault.store.engine import open_database


async def main(url):
    publishing = Publishing(SIGNER, Clock().now, BELIEVE)
    one = Integrator(open_database(url), log_id=LOG, publishing=publishing)
    one.start()
    while not one.leads:  # noqa: ASYNC110  nobody tells
        await asyncio.sleep(0.01)
    print("leads", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
