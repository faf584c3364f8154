"""Say of each step of the main job whether it holds, a line each.

It stops at the first step that does not.
Source: INTERFACES, ownship demo --check.
"""

import subprocess
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from vault.cli.demo_console import Console
from vault.cli.demo_known import Known
from vault.cli.demo_story import Story
from vault.cli.logs import configure
from vault.cli.sample_customer import StepError
from vault.core.errors import VaultError


def run() -> bool:
    """Take all steps in a temporary home; True when each holds."""
    configure()
    held = 0
    with tempfile.TemporaryDirectory(prefix="ownship-demo-") as folder, ExitStack() as stack:
        story = Story(Path(folder) / "home", stack)
        console = Console(story, stack)
        steps = [*story.steps(), *console.steps(), *Known(story, console).steps()]
        for number, (name, step) in enumerate(steps, 1):
            start = time.monotonic()
            try:
                said = step()
            except (StepError, VaultError, OSError, subprocess.SubprocessError) as error:
                print(f"not ok {number} {name}: {_reason(error)}", flush=True)
                break
            held += 1
            print(f"ok {number} {name}: {said} in {time.monotonic() - start:.1f} s", flush=True)
        print(f"demo: {held} of {len(steps)} steps", flush=True)
    return held == len(steps)


def _reason(error: Exception) -> str:
    if isinstance(error, VaultError):
        return f"{error.code}: {error.detail}"
    return str(error) if isinstance(error, StepError | TimeoutError) else type(error).__name__
