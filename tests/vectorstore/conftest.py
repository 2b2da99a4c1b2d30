"""What the tests of the package share: a toy embedder, a way to open libraries, and documents."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from vectorstore.library import Library
from vectorstore.reading import RawDocument

TOY = Path(__file__).with_name("toy.py")


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder of files of our own writing."""
    return Path(__file__).with_name("data")


@pytest.fixture(scope="session")
def toy() -> ModuleType:
    """The module next door; it is also run as a program."""
    spec = importlib.util.spec_from_file_location("library_toy", TOY)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["library_toy"] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def embedder(toy: ModuleType) -> Any:
    return toy.ToyEmbedder()


@pytest.fixture
def answers(toy: ModuleType) -> Callable[[Library, str], list[tuple[str, str, float]]]:
    """What both searches find: document, text and score of each hit."""
    found: Callable[[Library, str], list[tuple[str, str, float]]] = toy.answers
    return found


@pytest.fixture
def open_library(tmp_path: Path, embedder: Any) -> Iterator[Callable[..., Library]]:
    """Open the library of this test (or another); whatever is still open at the end is closed."""
    opened: list[Library] = []

    def open_it(data_dir: Path | None = None, **options: Any) -> Library:
        library = Library.open(data_dir or tmp_path / "data", options.pop("embedder", embedder), **options)
        opened.append(library)
        return library

    yield open_it
    for library in opened:
        library.close()


@pytest.fixture(scope="session")
def reports() -> list[RawDocument]:
    """Five small reports about invented places, two sections each."""
    return [RawDocument.of(f"{place}.txt", report(place, number)) for number, place in enumerate(PLACES, 3)]


PLACES = ("青石县", "白鹭区", "云溪市", "双桥镇", "Northfield")


def report(place: str, number: int) -> str:
    """Return a report whose numbers tell it from the others."""
    return (
        f"# {place}：{number}年工作报告\n\n"
        f"## 乡村振兴\n\n{place}新建蔬菜大棚{number * 111}个，带动农户{number * 77}户增收。"
        f"全年集体经济收入{number}.5亿元，同比增长{number}.8%。\n\n"
        f"## 基层治理\n\n{place}选派驻村书记{number * 13}名，调解纠纷{number * 29}件。"
        f"群众满意度达到9{number}.{number}%，在全省排名第{number}。\n\n"
        f"The {place} office answered {number * 1001} letters from residents."
    )


@pytest.fixture(params=["embedded", "server", "postgres", "shared"])
def backend(request: pytest.FixtureRequest) -> dict[str, str]:
    """Options of ``Library.open``: with everything in this process, on a Chroma server, on Postgres, on both."""
    options = {}
    if request.param in ("server", "shared"):
        options["chroma_url"] = request.getfixturevalue("chroma_server")
    if request.param in ("postgres", "shared"):
        options["database_url"] = request.getfixturevalue("postgres_url")
    return options
