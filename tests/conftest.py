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


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let files that wait and files that compute take turns: side by side they leave no core idle."""
    files: dict[Path, list[pytest.Item]] = {}
    for item in items:
        files.setdefault(item.path, []).append(item)
    waiting = [some for some in files.values() if some[0].nodeid.startswith(WAITING)]
    others = [some for some in files.values() if not some[0].nodeid.startswith(WAITING)]
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
