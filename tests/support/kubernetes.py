"""Helm, and a checker of Kubernetes' manifests, for the tests: programs that are no part of the development setup."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

CHART = Path(__file__).resolve().parents[2] / "deploy" / "helm" / "report-qa"
REQUIRED = "HELM_TESTS"
"""With this variable set, a missing program is a failure and no reason to skip."""


def program(variable: str, name: str, package: str) -> str:
    """Return the program that ``variable`` names, else the one on the path; skips the test where there is none."""
    found = os.environ.get(variable) or shutil.which(name)
    if found is None:
        why = f"{name} is not installed ({package}), and {variable} names none"
        assert REQUIRED not in os.environ, why
        pytest.skip(why)
    return found


def helm(*arguments: str | Path, values: dict[str, Any] | None = None) -> subprocess.CompletedProcess[str]:
    """Run Helm, with ``values`` over the chart's own; without what this machine knows of clusters."""
    command = [program("HELM", "helm", "https://helm.sh"), *map(str, arguments)]
    if values is not None:
        command += ["--values", "-"]
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("HELM_", "KUBE"))}
    return subprocess.run(
        command,
        input=None if values is None else yaml.safe_dump(values),
        env={**kept, "KUBECONFIG": os.devnull},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=600,  # far more than it takes: other processes may have the cores
    )


def manifests(values: dict[str, Any], release: str = "qa", namespace: str = "reports") -> list[dict[str, Any]]:
    """Return what the chart makes of ``values``."""
    done = helm("template", release, CHART, "--namespace", namespace, values=values)
    assert done.returncode == 0, done.stderr
    return [manifest for manifest in yaml.safe_load_all(done.stdout) if manifest]


def of_kind(found: list[dict[str, Any]], kind: str) -> dict[str, dict[str, Any]]:
    """Return the manifests of a kind by name."""
    return {manifest["metadata"]["name"]: manifest for manifest in found if manifest["kind"] == kind}


def pod_templates(found: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return the pod templates by the name of what makes pods of them."""
    kinds = ("Deployment", "StatefulSet")
    return {name: one["spec"]["template"] for kind in kinds for name, one in of_kind(found, kind).items()}
