"""The version of the installed package."""

from __future__ import annotations

from importlib import metadata


def version() -> str:
    """Return the version, as in ``pyproject.toml``."""
    return metadata.version("report-qa")
