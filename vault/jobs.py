"""Run the vault's background work without HTTP: mail, integration of the log, and the sweeps.

Any number of processes may; leases and the log's head pick who does what. It ends in order at
SIGTERM and SIGINT.
Source: ecosystem note, 10; INTERFACES, ownship jobs.
"""

import asyncio
import signal

from vault.settings import Settings
from vault.wiring import running

STOPS = (signal.SIGINT, signal.SIGTERM)


async def run(settings: Settings) -> signal.Signals:
    """Work until told to stop; returns the signal that said so.

    Raises:
        VaultError: the vault cannot be opened.
    """
    loop = asyncio.get_running_loop()
    told: asyncio.Future[signal.Signals] = loop.create_future()

    def stop(one: signal.Signals) -> None:
        if not told.done():
            told.set_result(one)

    for one in STOPS:
        loop.add_signal_handler(one, stop, one)
    try:
        async with running(settings):
            return await told
    finally:
        for one in STOPS:
            loop.remove_signal_handler(one)
