"""compose.yaml as far as it can be tried without a container engine: a linter, and that its parts fit each other."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

from qa.settings import Settings
from tests.support.kubernetes import CHART, program

FILE = Path(__file__).resolve().parents[2] / "compose.yaml"
COMPOSE: dict[str, Any] = yaml.safe_load(FILE.read_text("utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
STORES = ("postgres", "chroma")
PROCESSES = ("qa", "api-1", "api-2", "worker")


def test_a_linter_finds_nothing_grave() -> None:
    check = program("COMPOSE_LINT", "compose-lint", "pip install compose-lint")
    done = subprocess.run([check, "--fail-on", "high", FILE], capture_output=True, text=True, cwd=FILE.parent)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "service: qa" in done.stdout, "it reads the file, and says what is less than grave"


@pytest.mark.parametrize("name", SERVICES)
def test_what_a_service_refers_to_is_there(name: str) -> None:
    service = SERVICES[name]
    assert set(service.get("networks", [])) <= set(COMPOSE["networks"])
    assert {config["source"] for config in service.get("configs", [])} <= set(COMPOSE["configs"])
    assert {volume.partition(":")[0] for volume in service.get("volumes", [])} <= set(COMPOSE["volumes"])
    assert service["image"] or service["build"]
    needed = service.get("depends_on", {})
    for other in needed:
        profiles = set(SERVICES[other].get("profiles", []))
        always = isinstance(needed, list) or needed[other].get("required", True)
        assert not always or not profiles or set(service.get("profiles", [""])) <= profiles, f"{name} needs {other}"
        if isinstance(needed, dict) and needed[other]["condition"] == "service_healthy":
            assert SERVICES[other]["healthcheck"]["test"]


@pytest.mark.parametrize("name", PROCESSES)
def test_a_process_is_confined_and_has_real_settings(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    settings = {variable for variable in service["environment"] if variable.startswith("QA_")}
    assert settings
    assert settings <= {f"QA_{field.upper()}" for field in Settings.model_fields}


@pytest.mark.parametrize("name", PROCESSES)
def test_a_process_may_end_what_it_does_when_it_is_stopped(name: str) -> None:
    """An engine's own ten seconds are fewer than answers, their sending and the library together may take."""
    chart = yaml.safe_load((CHART / "values.yaml").read_text("utf-8"))
    seconds = chart["worker" if name == "worker" else "api"]["terminationGracePeriodSeconds"]
    assert SERVICES[name]["stop_grace_period"] == f"{seconds}s"


def memory(service: dict[str, Any]) -> tuple[str, str]:
    """Return the variable that bounds a service's memory, and the bound without it."""
    found = re.fullmatch(r"\$\{(\w+):-(\d+[gm])\}", service["deploy"]["resources"]["limits"]["memory"])
    assert found is not None
    return found[1], found[2]


def test_memory_is_bounded_as_in_the_chart_and_as_its_owner_wants() -> None:
    bounds = dict(map(memory, SERVICES.values()))
    assert {name: memory(service)[0] for name, service in SERVICES.items()} == {
        "qa": "SERVER_MEMORY",
        "api-1": "SERVER_MEMORY",
        "api-2": "SERVER_MEMORY",
        "worker": "WORKER_MEMORY",
        "proxy": "PROXY_MEMORY",
        "postgres": "POSTGRES_MEMORY",
        "chroma": "CHROMA_MEMORY",
    }
    chart = yaml.safe_load((CHART / "values.yaml").read_text("utf-8"))
    parts = {"SERVER": chart["api"], "WORKER": chart["worker"]}
    parts |= {name.upper(): part for name, part in chart["bundled"].items()}
    for name, part in parts.items():
        assert part["resources"]["limits"]["memory"] == bounds[f"{name}_MEMORY"].upper() + "i", name
    assert all(name.upper() in FILE.read_text("utf-8").partition("x-process")[0] for name in bounds), "they are told"


def test_a_server_s_memory_is_enough_for_a_file_that_is_read() -> None:
    bound = 1024 * int(memory(SERVICES["qa"])[1].removesuffix("g"))
    assert bound >= 700 + Settings().read_memory_mb


def test_only_this_machine_reaches_it_and_nobody_the_stores() -> None:
    for name, service in SERVICES.items():
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", [])), name
    assert COMPOSE["networks"]["stores"] == {"internal": True}
    for name in STORES:
        assert SERVICES[name]["networks"] == ["stores"]
        assert "ports" not in SERVICES[name]


@pytest.mark.parametrize("name", ["api-1", "api-2", "worker"])
def test_any_password_of_postgres_will_do(name: str) -> None:
    """In a URL, "@" or "/" would end it; libpq takes the variable as it is."""
    environment = SERVICES[name]["environment"]
    assert environment["QA_DATABASE_URL"] == "postgresql://qa@postgres/qa"
    assert environment["PGPASSWORD"] == SERVICES["postgres"]["environment"]["POSTGRES_PASSWORD"]
