"""A library on Postgres and a Chroma server, opened by several at once: what one changes, all find."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import chromadb
import pytest

from vectorstore.changes import Changes, NewFile, Spool
from vectorstore.errors import LibraryLocked
from vectorstore.library import Library
from vectorstore.reading import RawDocument
from vectorstore.storage.backup import backup, restore
from vectorstore.storage.jobs import Jobs

Open = Callable[..., Library]
Pair = tuple[Library, Library]
Answers = Callable[[Library, str], list[tuple[str, str, float]]]
SECONDS = 60.0


@pytest.fixture
def shared(postgres_url: str, chroma_server: str) -> dict[str, str]:
    return {"database_url": postgres_url, "chroma_url": chroma_server}


@pytest.fixture
def pair(open_library: Open, shared: dict[str, str], tmp_path: Path) -> Pair:
    return open_library(tmp_path / "one", **shared), open_library(tmp_path / "two", **shared)


def found(answers: Answers, library: Library, question: str) -> list[str]:
    """The texts that either search finds, each once, best first."""
    return list(dict.fromkeys(text for _, text, _ in answers(library, question)))


def test_what_one_changes_the_other_finds(pair: Pair, answers: Answers) -> None:
    one, two = pair
    one.ingest([RawDocument.of("a", "Alder grows by the river."), RawDocument.of("b", "Birch grows on the hill.")])
    assert found(answers, two, "alder river")[0] == "Alder grows by the river."
    report = two.ingest([RawDocument.of("a", "Ash stands by the river.")])
    assert report.replaced == ["a"]
    assert found(answers, one, "alder river")[0] == "Ash stands by the river."
    one.remove("b")
    assert found(answers, two, "birch hill") == ["Ash stands by the river."]
    assert two.generation == one.generation
    two.membership.add("trees")
    two.membership.put(["a"], ["trees"])
    (hit,) = one.within(one.scope(["trees"])).lexical("river", 5)
    assert one.passages([hit.passage_id])[0].document == "a"
    assert one.within(one.scope(["default"])).lexical("river", 5) == []


def test_a_text_that_two_take_in_at_once_is_there_once(pair: Pair) -> None:
    texts = [f"Report {number} counts {number * 7} trees." for number in range(6)]

    def ingest(library: Library, prefix: str) -> None:
        for number, text in enumerate(texts):
            library.ingest([RawDocument.of(f"{prefix}{number}", text)])

    with ThreadPoolExecutor(2) as both:
        for done in [both.submit(ingest, library, prefix) for library, prefix in zip(pair, "xy", strict=True)]:
            done.result()
    for library in pair:
        held = [library.text(info) for info in library.documents()]
        assert sorted(held) == texts
        assert len(library.lexical("trees", 50)) == len(library.dense(library.question_vectors(["trees"])[0], 50)) == 6


def test_who_follows_needs_no_search_to_know(pair: Pair) -> None:
    one, two = pair
    two.warm_up()
    one.ingest([RawDocument.of("a", "Alder grows by the river.")])
    deadline = time.monotonic() + SECONDS
    while not two.idf(["alder"])[0] < 1.0:  # it is in one passage of one
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_reader_of_several_steps_sees_one_version(pair: Pair) -> None:
    one, two = pair
    one.ingest([RawDocument.of("a", "A has 2 mills.")])
    versions = iter(["A has 3 mills.", "A has 4 mills."])

    def read() -> str:
        before = two.text(two.document_info("a"))
        if text := next(versions, None):
            one.ingest([RawDocument.of("a", text)])
        return before + two.text(two.document_info("a"))

    assert two.swaps.consistently(read) == "A has 4 mills." * 2
    with pytest.raises(ZeroDivisionError):
        two.swaps.consistently(lambda: 1 // 0)


def test_it_is_not_owned_by_one_and_shared_at_once(
    pair: Pair, open_library: Open, shared: dict[str, str], tmp_path: Path
) -> None:
    pair[0].ingest([RawDocument.of("a", "Alder grows by the river.")])
    alone = {"database_url": shared["database_url"]}
    with pytest.raises(LibraryLocked, match="or by several"):
        open_library(tmp_path / "alone", **alone)
    with pytest.raises(LibraryLocked, match="or by several"):
        open_library(tmp_path / "third", **shared, rebuild=True)
    backup(shared["database_url"], tmp_path / "backup")
    with pytest.raises(LibraryLocked):
        restore(tmp_path / "backup", tmp_path / "third", shared["database_url"], replace=True)
    for library in pair:
        library.close()
    with open_library(tmp_path / "alone", **alone) as owner:
        with pytest.raises(LibraryLocked, match="alone"):
            open_library(tmp_path / "third", **shared)
        owner.ingest([RawDocument.of("a", "Ash stands by the river.")])  # of which the shared index hears nothing
    with open_library(tmp_path / "one", **shared) as again:
        vector = again.question_vectors(["ash river"])[0]
        (hit,) = again.dense(vector, 3)
        assert again.passages([hit.passage_id])[0].passage.text == "Ash stands by the river."
    with open_library(tmp_path / "one", **shared, rebuild=True) as rebuilt, open_library(tmp_path / "two", **shared):
        assert [info.name for info in rebuilt.documents()] == ["a"]


def test_a_process_that_comes_back_catches_up(pair: Pair, open_library: Open, shared: Any, tmp_path: Path) -> None:
    one, two = pair
    one.ingest([RawDocument.of(f"d{number}", f"Village {number} has {number} wells.") for number in range(5)])
    two.lexical("village", 5)
    two.close()
    (before,) = (entry for entry in (tmp_path / "two" / "lexical").iterdir() if entry.is_dir())
    one.ingest([RawDocument.of("d9", "Village 9 has 9 wells.")])
    one.remove("d0")
    two = open_library(tmp_path / "two", **shared)
    assert before.exists()  # it was not built anew
    assert len(two.lexical("village", 50)) == 5
    assert not two.lexical("0", 50)


def test_leavings_of_a_killed_process_are_taken_out(
    pair: Pair, open_library: Open, shared: dict[str, str], tmp_path: Path
) -> None:
    one, two = pair
    one.ingest([RawDocument.of("a", "Alder grows by the river."), RawDocument.of("b", "Birch grows on the hill.")])
    address, _, port = shared["chroma_url"].removeprefix("http://").partition(":")
    client = chromadb.HttpClient(address, int(port))
    name = next(c.name for c in client.list_collections() if one._catalog.library_id in c.name)
    collection = client.get_collection(name, embedding_function=None)
    collection.add(ids=["900"], embeddings=[[0.1] * 48])
    collection.delete(ids=[collection.get(limit=1)["ids"][0]])
    two.close()
    collection.add(ids=["901"], embeddings=[[0.2] * 48])
    with open_library(tmp_path / "two", **shared) as back:
        assert sorted(map(int, collection.get()["ids"])) == back._catalog.passage_ids()
        client.delete_collection(name)  # the server lost it
        vector = back.question_vectors(["alder river"])[0]
        assert len(back.dense(vector, 5)) == 2
        assert len(one.dense(vector, 5)) == 2


def test_received_files_are_read_by_any_process(pair: Pair, tmp_path: Path) -> None:
    one, two = (Spool(tmp_path / name, library.database, True) for name, library in zip("xy", pair, strict=True))
    content = bytes(range(256)) * 3000
    with one.receiving() as folder:
        (folder / "file").write_bytes(content)
        received = one.keep(folder / "file")
        (folder / "empty").write_bytes(b"")
        empty = one.keep(folder / "empty")
    assert two.read(received.id) == content
    assert two.read(empty.id) == b""
    two.drop(received.id)
    two.sweep({empty.id}, older_than=-10)
    assert one.read(empty.id) == b""
    before = Spool(tmp_path / "x", pair[0].database)  # of a time when the library was not shared
    with before.receiving() as folder:
        (folder / "file").write_bytes(b"kept")
        kept = before.keep(folder / "file")
    one.adopt()
    assert two.read(kept.id) == b"kept"
    two.sweep(set(), older_than=-10)
    assert [path.name for path in (tmp_path / "x").iterdir()] == []


def test_a_worker_that_stood_still_changes_nothing_any_more(pair: Pair, tmp_path: Path) -> None:
    """Its job was taken over, and a later one has changed the same document since."""
    slow, quick = (Changes(library, tmp_path / "s", lease_seconds=0.2) for library in pair)
    for text in ("The first version.", "The second version."):
        with slow.spool.receiving() as folder:
            (folder / "file").write_text(text)
            slow.ingest([NewFile("a.txt", slow.spool.keep(folder / "file"))])
    stale = slow.jobs.claim(slow.worker.name)
    assert stale is not None
    quick.worker.start()
    deadline = time.monotonic() + SECONDS
    while quick.jobs.any_unfinished():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    quick.worker.stop()
    jobs = Jobs(pair[0].database)
    assert not jobs.hold(stale, slow.worker.name)

    def fence(names: Sequence[str]) -> None:
        if not jobs.hold(stale, slow.worker.name):
            raise TimeoutError

    with pytest.raises(TimeoutError):
        pair[0].ingest([RawDocument.of("a.txt", "The first version.")], fence=fence)
    with pytest.raises(TimeoutError):
        pair[0].remove("a.txt", fence)
    assert pair[1].text(pair[1].document_info("a.txt")) == "The second version."
    assert len(pair[1].dense(pair[1].question_vectors(["version"])[0], 9)) == 1
