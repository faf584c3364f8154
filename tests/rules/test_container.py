"""The container gives nothing away that the vault does not need.

The files are read as text and YAML, so that the rules hold where there is no container engine;
where `docker compose` works, it reads them too.
"""

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests import postgres
from tests.rules.tree import REPOSITORY

EXACT = re.compile(r"^[a-z0-9./-]+:v?\d+\.\d+(\.\d+)?(-[a-z]+)*$")
VAULT = ("migrate", "app", "jobs")
SECRET = re.compile(r"PASSWORD|SECRET|TOKEN|DATABASE_URL|_KEY$")


def compose() -> dict[str, Any]:
    """Read docker-compose.yml with its merge keys resolved."""
    text = (REPOSITORY / "docker-compose.yml").read_text(encoding="utf-8")
    content: dict[str, Any] = yaml.safe_load(text)
    return content


def dockerfile() -> list[str]:
    """Return the Dockerfile's instructions, comments gone and continued lines joined."""
    text = (REPOSITORY / "Dockerfile").read_text(encoding="utf-8")
    lines = re.sub(r"(?m)^#.*\n", "", text).replace("\\\n", " ").splitlines()
    return [" ".join(line.split()) for line in lines if line.strip()]


def compose_faults(content: dict[str, Any]) -> list[str]:
    """Name what a service may do that it should not, and what leads to nothing."""
    found = []
    services = content["services"]
    for name, service in services.items():
        image = service.get("image", "")
        rules = {
            "an exact tag": EXACT.match(image),
            "read_only": service.get("read_only") is True,
            "cap_drop": service.get("cap_drop") == ["ALL"] and not service.get("cap_add"),
            "no-new-privileges": "no-new-privileges:true" in service.get("security_opt", []),
            "no core files": service.get("ulimits", {}).get("core") == 0,
            "no root": re.match(r"(?!0|root)", str(service.get("user", "root"))),
            "a health check": "healthcheck" in service or name == "mailpit",
            "loopback ports": all(
                str(port).startswith("127.0.0.1:") for port in service.get("ports", [])
            ),
            "networks of its own": service.get("networks") and "network_mode" not in service,
            "no privileges": not service.get("privileged") and "docker.sock" not in str(service),
        }
        found += [f"{name}: {rule}" for rule, kept in rules.items() if not kept]
        for setting, value in service.get("environment", {}).items():
            if SECRET.search(setting.removesuffix("_FILE")) and not str(value).startswith(
                "/run/secrets/"
            ):
                found.append(f"{name}: {setting} is not a file")
        for other, how in service.get("depends_on", {}).items():
            target = services.get(other)
            if target is None:
                found.append(f"{name}: depends on {other}, which is unknown")
            elif how["condition"] == "service_healthy" and "test" not in target["healthcheck"]:
                found.append(f"{name}: {other} never says that it is healthy")
        for kind in ("secrets", "networks"):
            found += [
                f"{name}: {kind} {one} is unknown"
                for one in service.get(kind, [])
                if one not in content[kind]
            ]
        used = re.findall(r"/run/secrets/(\w+)", str(service.get("environment", {})))
        found += [
            f"{name}: reads {secret}, which it is not given"
            for secret in used
            if secret not in service.get("secrets", [])
        ]
    return found


def test_every_service_is_hardened():
    assert compose_faults(compose()) == []


def test_the_vault_runs_as_one_user_in_one_image():
    services = compose()["services"]
    assert {services[name]["user"] for name in VAULT} == {"10001:10001"}
    assert len({services[name]["image"] for name in VAULT}) == 1


def test_only_the_migration_has_the_owners_role():
    services = compose()["services"]
    assert [name for name in VAULT if "owner_url" in services[name]["secrets"]] == ["migrate"]


def test_the_database_can_not_be_reached_from_outside():
    content = compose()
    assert content["networks"]["data"] == {"internal": True}
    assert content["services"]["db"]["networks"] == ["data"]
    assert "ports" not in content["services"]["db"]


def test_the_app_waits_for_database_and_migration():
    for name in ("app", "jobs"):
        waits = compose()["services"][name]["depends_on"]
        assert waits["db"] == {"condition": "service_healthy"}
        assert waits["migrate"] == {"condition": "service_completed_successfully"}


@pytest.mark.parametrize(
    ("service", "change", "fault"),
    [
        ("db", {"image": "postgres:17"}, "db: an exact tag"),
        ("db", {"image": "postgres:latest"}, "db: an exact tag"),
        ("app", {"user": "0:0"}, "app: no root"),
        ("app", {"read_only": False}, "app: read_only"),
        ("app", {"cap_add": ["NET_ADMIN"]}, "app: cap_drop"),
        ("app", {"security_opt": []}, "app: no-new-privileges"),
        ("app", {"ports": ["8000:8000"]}, "app: loopback ports"),
        ("app", {"privileged": True}, "app: no privileges"),
        ("jobs", {"ulimits": {}}, "jobs: no core files"),
        (
            "app",
            {"environment": {"OWNSHIP_DATABASE_URL": "postgresql://app:pw@db/ownship"}},
            "app: OWNSHIP_DATABASE_URL is not a file",
        ),
        (
            "app",
            {"depends_on": {"cache": {"condition": "service_started"}}},
            "app: depends on cache, which is unknown",
        ),
        (
            "app",
            {"depends_on": {"jobs": {"condition": "service_healthy"}}},
            "app: jobs never says that it is healthy",
        ),
        ("app", {"secrets": ["app_url"]}, "app: reads leader_url, which it is not given"),
    ],
)
def test_a_softened_service_is_found(service, change, fault):
    content = compose()
    content["services"][service] |= change
    assert fault in compose_faults(content)


def image_faults(instructions: list[str]) -> list[str]:
    """Name what the image should not be or hold."""
    stages = [line.split()[1] for line in instructions if line.startswith("FROM ")]
    last = instructions[max(i for i, line in enumerate(instructions) if line.startswith("FROM ")) :]
    text = "\n".join(last)
    rules = {
        "two stages": len(stages) == 2 and len(set(stages)) == 1,
        "an exact slim tag": all(EXACT.match(tag) and "-slim-" in tag for tag in stages),
        "hashes": any("--require-hashes" in line for line in instructions),
        "user 10001": [line for line in last if line.startswith("USER ")] == ["USER 10001:10001"],
        "no pip": "pip uninstall --yes pip" in text and "pip install" not in text,
        "no compiler": "apt-get" not in text,
        "bytecode": any("compileall" in line for line in instructions),
        "a health check": '["ownship", "health"]' in text and "HEALTHCHECK" in text,
        "SIGTERM": "STOPSIGNAL SIGTERM" in last,
        "no secret": not re.search(r"(?m)^(ARG|ENV) .*(PASSWORD|SECRET|TOKEN|_URL)", text),
    }
    return [rule for rule, kept in rules.items() if not kept]


def test_the_image_holds_only_what_it_needs():
    assert image_faults(dockerfile()) == []


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        (":3.13.9-slim-trixie", ":3.13-slim", "an exact slim tag"),
        ("USER 10001:10001", "USER root", "user 10001"),
        (" --require-hashes", "", "hashes"),
        ("pip uninstall --yes pip", "true", "no pip"),
        ("HEALTHCHECK", "LABEL", "a health check"),
        ("STOPSIGNAL SIGTERM", "STOPSIGNAL SIGKILL", "SIGTERM"),
    ],
)
def test_a_softened_image_is_found(old, new, fault):
    assert image_faults([line.replace(old, new) for line in dockerfile()]) == [fault]


def test_what_the_image_copies_is_let_in():
    let_in = {
        line.removeprefix("!")
        for line in (REPOSITORY / ".dockerignore").read_text(encoding="utf-8").splitlines()
        if line.startswith("!")
    }
    copied = {
        word
        for line in dockerfile()
        if line.startswith("COPY ") and "--from" not in line
        for word in line.split()[1:-1]
    }
    assert copied == let_in


def test_docker_compose_understands_the_file():
    docker = shutil.which("docker") or "docker-is-missing"
    try:
        subprocess.run([docker, "compose", "version"], capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("there is no `docker compose` on this machine")
    command = [docker, "compose", "--profile", "*", "config", "--quiet"]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.fixture
def secrets(tmp_path: Path) -> Path:
    """Run docker/make-secrets beside a copy of itself."""
    (tmp_path / "docker").mkdir()
    shutil.copy(REPOSITORY / "docker/make-secrets", tmp_path / "docker")
    subprocess.run([tmp_path / "docker/make-secrets"], check=True, capture_output=True)
    return tmp_path / "secrets"


def test_every_secret_is_made_once(secrets):
    asked = {Path(secret["file"]).name for secret in compose()["secrets"].values()}
    before = {path.name: path.read_bytes() for path in secrets.iterdir()}
    assert set(before) == asked
    assert len(set(before.values())) == len(asked)
    assert secrets.stat().st_mode & 0o777 == 0o700
    subprocess.run([secrets.parent / "docker/make-secrets"], check=True, capture_output=True)
    assert {path.name: path.read_bytes() for path in secrets.iterdir()} == before


@pytest.mark.slow
def test_the_apps_role_can_not_make_tables(secrets, tmp_path):
    server = postgres.start(tmp_path)  # one of its own, for roles belong to a whole server
    server.run_sql("CREATE DATABASE ownship")
    environment = os.environ | {
        "PATH": f"{server.bin}:{os.environ['PATH']}",
        "PGHOST": "127.0.0.1",
        "PGPORT": str(server.port),
        "SECRETS": str(secrets),
    }
    subprocess.run([REPOSITORY / "docker/make-roles"], env=environment, check=True)
    make = "CREATE TABLE proof (id int)"
    for role in ("ownship_app", "ownship_leader"):
        with pytest.raises(RuntimeError, match="permission denied for schema public"):
            server.run_sql(make, "ownship", role)
    server.run_sql(make, "ownship", "ownship_owner")
    with pytest.raises(RuntimeError, match="permission denied for table proof"):
        server.run_sql("SELECT * FROM proof", "ownship", "ownship_app")
