"""Runs the matrix of reliability: ``python -m tests.reliability [--long] [PYTEST ARGUMENTS ...]``."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

if __name__ == "__main__":
    arguments = sys.argv[1:]
    if "--long" in arguments:
        arguments.remove("--long")
        os.environ["RELIABILITY_LONG"] = "1"
    sys.exit(pytest.main([str(Path(__file__).parent), *arguments]))
