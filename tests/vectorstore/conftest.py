"""What the tests of the package share: a toy embedder, a way to open libraries, and documents."""

from __future__ import annotations

import importlib.util
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
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


@pytest.fixture(params=["embedded", "server", "postgres"])
def backend(request: pytest.FixtureRequest) -> dict[str, str]:
    """Options of ``Library.open``: with everything in this process, on a Chroma server, on Postgres."""
    if request.param == "server":
        return {"chroma_url": request.getfixturevalue("chroma_server")}
    return {"database_url": request.getfixturevalue("postgres_url")} if request.param == "postgres" else {}


@pytest.fixture(scope="session")
def chroma_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real Chroma server on this machine; its URL."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [Path(sys.executable).with_name("chroma"), "run", "--host", "127.0.0.1", "--port", str(port)]
    folder = tmp_path_factory.mktemp("chroma-server")
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen([*command, "--path", folder / "data"], stdout=log, stderr=log, cwd=folder)
        try:
            url = f"http://127.0.0.1:{port}"
            with httpx.Client(base_url=url) as client:
                for _ in range(600):
                    with suppress(httpx.HTTPError):
                        if client.get("/api/v2/heartbeat").status_code == 200:
                            break
                    assert server.poll() is None, (folder / "log").read_text()
                    time.sleep(0.05)
            yield url
        finally:
            server.terminate()
            server.wait(10)
