"""The demonstration: every step of the main job holds, and a second start finds what the first made."""

import re
import signal
import stat

import pytest

from tests.cli.conftest import Home
from tests.cli.test_serve import get, wait_ready
from tests.keeper import free_port


@pytest.mark.slow
def test_every_step_of_the_main_job_holds(tmp_path):
    done = Home(tmp_path).run("demo", "--check")
    lines = done.out.splitlines()
    assert done.code == 0, done.out + done.err
    assert lines[-1] == f"demo: {len(lines) - 1} of {len(lines) - 1} steps"
    for number, line in enumerate(lines[:-1], 1):
        assert re.fullmatch(rf"ok {number} [a-z -]+: .+ in \d+\.\d s", line), line
    said = "\n".join(lines)
    assert "1,000 customers" in said
    assert "contact.birth_date withheld: no-basis" in said
    assert "404 not-available" in said
    assert list(tmp_path.iterdir()) == []  # its home was its own


@pytest.mark.slow
def test_a_second_start_finds_what_the_first_made(tmp_path):
    port = free_port()
    home = Home(tmp_path / "var", {"OWNSHIP_ISSUER": f"http://localhost:{port}"})
    outputs = []
    for _ in range(2):
        process = home.start("demo")
        wait_ready(process, port)
        lines = []
        assert process.stdout is not None
        for line in process.stdout:
            lines.append(line)
            if "Ctrl-C" in line:
                break
        assert get(port, "/", host=f"localhost:{port}")[0] == 200
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)
        assert process.returncode == 0
        outputs.append("".join(lines))
    first, second = outputs
    assert "1,000 customers added" in first
    assert "0 customers added, 0 changed, 1,000 unchanged" in second
    for said in outputs:
        assert "withheld  contact.birth_date: no-basis" in said
        assert re.search(rf"http://localhost:{port}/sign-in/link/\S+", said)
    for name in ("delivery", "loyalty", "newsletter"):
        assert stat.S_IMODE((home.path / "apps" / f"{name}.jwk").stat().st_mode) == 0o600


def test_the_demonstration_is_for_this_machine_alone(tmp_path):
    done = Home(tmp_path).run("demo", OWNSHIP_ISSUER="https://vault.example")
    assert (done.code, "loopback" in done.err) == (3, True)
    assert list(tmp_path.iterdir()) == []
