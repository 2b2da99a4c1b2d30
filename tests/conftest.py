"""Fixtures that every part of the suite shares."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import zip_longest
from pathlib import Path

import pytest

from tests.support import chroma, models, postgres

ROOT = Path(__file__).resolve().parent.parent
WAITING = ("tests/reliability", "tests/e2e", "tests/web")
"""Whose tests start servers and browsers, and mostly wait for them."""
LONGEST = (
    "tests/reliability/test_14_model_faults.py",
    "tests/e2e/test_processes.py",
    "tests/reliability/test_15_disconnects.py",
    "tests/reliability/test_16_failing_writes.py",
    "tests/reliability/test_05_linear_time.py",
    "tests/reliability/test_02_signals.py",
    "tests/eval/faults/test_selftest.py",
    "tests/docs/test_readme.py",
    "tests/packaging/test_helm.py",
    "tests/packaging/test_wheel.py",
    "tests/qa/api/test_fuzzing.py",
    "tests/vectorstore/library/test_failures.py",
    "tests/vectorstore/library/test_repair.py",
)
"""Files that one process works on for most of a minute. They come first: the last one is waited for by all others."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let files that wait and files that compute take turns: side by side they leave no core idle."""
    found: dict[Path, list[pytest.Item]] = {}
    for item in items:
        found.setdefault(item.path, []).append(item)
    files = sorted(found.values(), key=lambda some: some[0].nodeid.partition("::")[0] not in LONGEST)
    waiting = [some for some in files if some[0].nodeid.startswith(WAITING)]
    others = [some for some in files if not some[0].nodeid.startswith(WAITING)]
    items[:] = [item for both in zip_longest(waiting, others, fillvalue=()) for some in both for item in some]


@pytest.fixture(scope="session", autouse=True)
def _models_made_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with models.made_once(tmp_path_factory.mktemp("models")):
        yield


@pytest.fixture(scope="session")
def seeds_dir() -> Path:
    """The five reports, as they stand in the repository."""
    return ROOT / "seeds"


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of a Postgres server on this machine, up to and with the last slash."""
    missing = postgres.missing()
    if missing is not None:
        assert postgres.REQUIRED not in os.environ, missing
        pytest.skip(missing)
    with postgres.server() as url:
        yield url


@pytest.fixture(scope="session")
def chroma_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a Chroma server on this machine."""
    with chroma.server(tmp_path_factory.mktemp("chroma-server")) as url:
        yield url


@contextmanager
def _new_database(server: str) -> Iterator[str]:
    name = f"test_{uuid.uuid4().hex[:12]}"
    postgres.run(server, f"CREATE DATABASE {name} STRATEGY file_copy")
    yield f"{server}{name}"
    postgres.run(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """The URL of a new, empty database."""
    with _new_database(postgres_server) as url:
        yield url


@pytest.fixture
def other_postgres_url(postgres_server: str) -> Iterator[str]:
    """The URL of another one."""
    with _new_database(postgres_server) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgres"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Path | str:
    """Where a new library's tables are to be: a SQLite file, or a Postgres database."""
    if request.param == "postgres":
        url: str = request.getfixturevalue("postgres_url")
        return url
    return tmp_path / "data" / "library.sqlite3"
