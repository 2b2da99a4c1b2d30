"""No engine's own exception leaves the library, and a failure in the middle leaves it whole."""

from __future__ import annotations

import inspect
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import chromadb.errors
import httpx
import pytest

from vectorstore.errors import LibraryError
from vectorstore.library import Library
from vectorstore.reading import RawDocument

Open = Callable[..., Library]
Answers = Callable[[Library, str], list[tuple[str, str, float]]]

PanicException = type("PanicException", (BaseException,), {})  # what a panic in Rust becomes; it can't be imported
CHROMA = [
    kind
    for _, kind in inspect.getmembers(chromadb.errors, inspect.isclass)
    if issubclass(kind, chromadb.errors.ChromaError) and not inspect.isabstract(kind)
]
OTHERS = [
    httpx.ConnectError,
    httpx.ReadTimeout,
    httpx.RemoteProtocolError,
    ValueError,
    RuntimeError,
    OSError,
    TypeError,
]


@pytest.fixture(scope="module")
def idle(toy: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """An open library that nobody changes."""
    with Library.open(tmp_path_factory.mktemp("idle"), toy.ToyEmbedder()) as library:
        yield library


@pytest.mark.parametrize("kind", [*CHROMA, *OTHERS, PanicException], ids=lambda kind: kind.__name__)
def test_what_an_engine_raises_is_translated(idle: Library, kind: type[BaseException]) -> None:
    for index, name in ((idle._dense, "dense index"), (idle._lexical, "lexical index")):
        error = kind("boom")
        message = f"{name}.*failed to search.*start again"
        with pytest.raises(LibraryError, match=message) as caught, index._translated("search"):
            raise error
        assert caught.value.__cause__ is error
    idle._dense.reopen()  # until then it refuses everything


def test_an_interrupt_is_not_a_failure(idle: Library) -> None:
    for index in (idle._dense, idle._lexical):
        with pytest.raises(KeyboardInterrupt), index._translated("search"):
            raise KeyboardInterrupt


def test_a_chroma_that_lost_its_files(
    open_library: Open, answers: Answers, reports: list[RawDocument], tmp_path: Path
) -> None:
    library = open_library()
    library.ingest(reports)
    before = answers(library, "驻村书记")
    shutil.rmtree(tmp_path / "data" / "dense")
    with pytest.raises(LibraryError, match="dense index"):
        library.ingest([RawDocument.of("new", "新的一份。" * 3)])
    library.close()
    with open_library() as library:
        assert answers(library, "驻村书记") == before
        assert [info.name for info in library.documents()] == sorted(raw.name for raw in reports)
        assert library.ingest([RawDocument.of("new", "新的一份。" * 3)]).added == ["new"]


class Failing:
    """A Chroma collection whose every call fails, and is noted."""

    def __init__(self) -> None:
        self.called: list[str] = []

    def __getattr__(self, name: str) -> Callable[..., None]:
        def fail(**_: Any) -> None:
            self.called.append(name)
            raise OSError("disk I/O error")

        return fail


def test_a_chroma_that_failed_is_not_called_again(
    open_library: Open, answers: Answers, reports: list[RawDocument]
) -> None:
    """It would keep Python's lock for ever. The next change builds the index again, and questions go on meanwhile."""
    with open_library() as library:
        library.ingest(reports)
        before = answers(library, "驻村书记")
        library._dense._collection = failing = Failing()
        with pytest.raises(LibraryError, match="disk I/O error"):
            library.ingest([RawDocument.of("new", "新的一份。" * 3)])
        assert answers(library, "驻村书记") == before
        assert failing.called == ["add"]
        assert library.ingest([RawDocument.of("new", "新的一份。" * 3)]).added == ["new"]
        assert failing.called == ["add"]
        assert library._dense.is_open
        held = sum(info.passages for info in library.documents())
        assert len(library.dense(library.embedder.encode(["书记"], "query")[0], 1000)) == held


def test_what_is_committed_stays_in_the_indexes_whatever_fails_after_it(
    open_library: Open, answers: Answers, reports: list[RawDocument], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise OSError("Input/output error")

    with open_library() as library:
        library.ingest(reports)
        before = answers(library, "驻村书记")
        library.remove(reports[0].name)
        library.ingest([RawDocument.of(reports[1].name, "别的内容，书记。")])
        with monkeypatch.context() as patched:
            patched.setattr(library._writer, "_forget", fail)
            for raw in reports[:2]:  # a new one, and one that replaces
                with pytest.raises(OSError, match="Input/output"):
                    library.ingest([raw])
        library._forget()
        assert answers(library, "驻村书记") == before


def test_a_question_does_not_wait_for_a_change_after_a_chroma_failed(
    open_library: Open, answers: Answers, reports: list[RawDocument]
) -> None:
    asked = threading.Event()
    found: list[Any] = []

    def ask() -> None:
        found.append(answers(library, "驻村书记"))
        asked.set()

    with open_library() as library:
        library.ingest(reports)
        before = answers(library, "驻村书记")
        library._dense._collection = Failing()
        with library._changes:  # as all through an ingestion
            threading.Thread(target=ask, daemon=True).start()
            assert asked.wait(60)
        assert found == [before]


@pytest.mark.parametrize("what", ["writing", "forgetting"])
def test_a_move_that_fails_after_its_commit_leaves_no_stale_index(
    open_library: Open, reports: list[RawDocument], monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    def fail(*_: Any) -> None:
        raise OSError("Input/output error")

    library = open_library()
    library.ingest(reports)
    library.membership.add("other")
    with monkeypatch.context() as patched:
        if what == "writing":
            patched.setattr("vectorstore.indexes.lexical._document", fail)
        else:
            patched.setattr(library._writer, "_forget", fail)
        with pytest.raises((OSError, LibraryError), match="Input/output"):
            library.membership.put([reports[0].name], ["other"])
    library.close()
    with open_library() as library:
        assert len(library.within(library.scope(["other"])).lexical("书记", 5)) == 1


def test_documents_are_found_while_they_move(
    open_library: Open, reports: list[RawDocument], monkeypatch: pytest.MonkeyPatch
) -> None:
    from vectorstore.indexes.lexical import _document

    found: list[int] = []

    def write(passage: Any) -> Any:
        found.append(len(library.lexical("书记", 10)))
        return _document(passage)

    with open_library() as library:
        library.settle_later()
        library.ingest(reports)
        held = len(library.lexical("书记", 10))
        library.membership.add("other")
        monkeypatch.setattr("vectorstore.indexes.lexical._document", write)
        library.membership.put([raw.name for raw in reports], ["other"])
        assert set(found) == {held}
        assert len(library.lexical("书记", 10)) == held


def test_an_image_that_cannot_be_deleted_fails_no_change(
    open_library: Open, reports: list[RawDocument], tmp_path: Path
) -> None:
    with open_library() as library:
        (tmp_path / "data" / "pages" / "0-1-800-1.png").mkdir(parents=True)
        assert library.ingest(reports).failed == []
        assert len(library.lexical("书记", 10)) >= len(reports) - 1


def test_a_chroma_that_could_not_be_opened_is_built_again_by_the_next_change(
    open_library: Open, reports: list[RawDocument], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise OSError("disk I/O error")

    open_library().close()
    with open_library(lazy=True) as library:
        with monkeypatch.context() as patched:
            patched.setattr("chromadb.PersistentClient", fail)
            with pytest.raises(LibraryError, match="disk I/O error"):
                library.warm_up()
        assert library.ingest(reports).failed == []
        assert library._dense.is_open


def test_a_closed_library_says_so(open_library: Open, reports: list[RawDocument]) -> None:
    library = open_library()
    library.ingest(reports[:1])
    vector = library.embedder.encode(["书记"], "query")[0]
    library.close()
    for call in (
        lambda: library.dense(vector, 3),
        lambda: library.lexical("书记", 3),
        lambda: library.idf(["书记"]),
        lambda: library.document(reports[0].name),
        lambda: library.passages([1]),
        lambda: library.ingest(reports),
        lambda: library.remove(reports[0].name),
    ):
        with pytest.raises(LibraryError, match="closed"):
            call()


@pytest.mark.parametrize("login", ["", "reader:canary-4711@"])
def test_a_chroma_server_that_is_not_there(open_library: Open, login: str) -> None:
    with pytest.raises(LibraryError, match=r"no Chroma server answers at http://127.0.0.1:9 .*QA_CHROMA_URL") as caught:
        open_library(chroma_url=f"http://{login}127.0.0.1:9")
    assert "canary" not in str(caught.value)
    open_library().close()


def test_a_server_that_lost_the_collection(
    open_library: Open, answers: Answers, reports: list[RawDocument], chroma_server: str
) -> None:
    with open_library(chroma_url=chroma_server) as library:
        library.ingest(reports)
        before = answers(library, "驻村书记")
        library._dense._client.delete_collection(library._dense._collection.name)
        assert answers(library, "驻村书记") == before  # built again by the first search
    with open_library(chroma_url=chroma_server) as library:
        assert answers(library, "驻村书记") == before
        mine = [c.name for c in library._dense._client.list_collections() if library._catalog.library_id in c.name]
        assert len(mine) == 1


def test_an_embedder_that_gives_no_unit_vectors(open_library: Open, toy: Any) -> None:
    class Broken(toy.ToyEmbedder):  # type: ignore[misc, name-defined]
        def _encode(self, texts: Any, kind: Any) -> Any:
            return super()._encode(texts, kind) * 2

    with open_library(embedder=Broken()) as library:
        report = library.ingest([RawDocument.of("a", "一份文本。")])
        assert report.failed[0][0] == "a"
        assert "unit vectors" in report.failed[0][1]
        assert library.documents() == []


_EXPECT = """
import sys
from pathlib import Path
from vectorstore.indexes.dense import Dense
dense = Dense(Path(sys.argv[1]), None, "")
dense._deferred = ""
assert "httpx" not in sys.modules
dense.expect()
sys.modules["httpx"].Timeout
"""


def test_what_an_embedder_needs_is_not_half_imported_by_chroma(tmp_path: Path) -> None:
    """openai looks for httpx among the modules that are there, while Chroma is imported in another thread."""
    run = [sys.executable, "-c", _EXPECT, str(tmp_path)]
    done = subprocess.run(run, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


_FULL = """
import resource, sys
from pathlib import Path
sys.path.insert(0, str(Path(sys.argv[1]).parent))
from toy import ToyEmbedder
from vectorstore.errors import LibraryError
from vectorstore.library import Library
from vectorstore.reading import RawDocument
with Library.open(Path(sys.argv[2]), ToyEmbedder()) as library:
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]), resource.RLIM_INFINITY))
    try:
        for n in range(100):
            library.ingest([RawDocument.of(f"d{n:03}", f"第{n}号村的报告，新修水渠{n}米。" * 200)])
    except LibraryError as error:
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        print(len(library.documents()), error)
"""


def test_a_full_disk(open_library: Open, answers: Answers, toy: Any, tmp_path: Path) -> None:
    with open_library():
        pass
    run = [sys.executable, "-c", _FULL, toy.__file__, str(tmp_path / "data"), "600000"]
    done = subprocess.run(run, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    held = int(done.stdout.split()[0])
    with open_library() as library:
        assert [info.name for info in library.documents()] == [f"d{n:03}" for n in range(held)]
        for info in library.documents():
            assert library.document(info.name).info.passages == len(library.passages_of(info.id))
        total = sum(info.passages for info in library.documents())
        assert len(library.dense(library.embedder.encode(["水渠"], "query")[0], 1000)) == total
        assert len(library.lexical("水渠", 1000)) == total
