"""Indexes that are gone, damaged or behind are built again; a damaged catalogue is refused, never misread."""

from __future__ import annotations

import json
import random
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from vectorstore.errors import LibraryBroken, LibraryError
from vectorstore.library import Library
from vectorstore.reading import RawDocument

Open = Callable[..., Library]
Answers = Callable[[Library, str], list[tuple[str, str, float]]]
QUESTIONS = ("云溪市驻村书记", "Northfield letters", "集体经济收入")


@pytest.fixture
def library_dir(open_library: Open, reports: list[RawDocument], tmp_path: Path) -> Path:
    """A library that was closed properly."""
    with open_library() as library:
        library.ingest(reports)
    return tmp_path / "data"


def content(library: Library, answers: Answers) -> dict[str, Any]:
    """Return all that a library says: its documents, passages, vectors and answers."""
    documents = [library.document(info.name) for info in library.documents()]
    vectors = {}
    for document in documents:
        of_passages = library.sentence_vectors([one.id for one in document.passages])
        vectors[document.info.name] = [matrix.tolist() for matrix in of_passages.values()]
    return {
        "documents": documents,
        "vectors": vectors,
        "answers": [answers(library, question) for question in QUESTIONS],
        "idf": library.idf(["书记", "letters"]).tolist(),
        "fingerprint": library.fingerprint,
    }


def damage(path: Path, how: str) -> None:
    data = path.read_bytes()
    if how == "truncated":
        path.write_bytes(data[: len(data) // 2])
    elif how == "emptied":
        path.write_bytes(b"")
    elif how == "random":
        path.write_bytes(random.Random(1).randbytes(len(data)))
    else:
        middle = len(data) // 2
        path.write_bytes(data[:middle] + bytes([data[middle] ^ 0xFF]) + data[middle + 1 :])


@pytest.mark.parametrize("gone", [["dense"], ["lexical"], ["dense", "lexical"], ["dense/state.json"]])
def test_deleted_indexes_are_built_again(
    open_library: Open, answers: Answers, library_dir: Path, gone: list[str]
) -> None:
    with open_library() as library:
        before = content(library, answers)
    for name in gone:
        path = library_dir / name
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    built: list[str] = []
    with open_library(progress=lambda what, *_: built.append(what)) as library:
        assert content(library, answers) == before
    assert {what.split()[0] for what in built} == {name.split("/")[0] for name in gone}


@pytest.mark.parametrize("index", ["dense", "lexical"])
def test_any_damaged_index_file_is_noticed(
    open_library: Open, answers: Answers, library_dir: Path, tmp_path: Path, index: str
) -> None:
    with open_library() as library:
        before = content(library, answers)
    files = sorted(path for path in (library_dir / index).rglob("*") if path.is_file() and path.stat().st_size > 0)
    assert len(files) >= 2
    for number, path in enumerate(files):
        how = ("one byte", "truncated", "random", "emptied")[number % 4]
        copy = tmp_path / f"copy{number}"
        shutil.copytree(library_dir, copy)
        damage(copy / path.relative_to(library_dir), how)
        built: list[str] = []
        with open_library(copy, progress=lambda what, *_, built=built: built.append(what)) as library:
            assert content(library, answers) == before
        assert {what.split()[0] for what in built} == {index}, (path, how)
        shutil.rmtree(copy)


def test_what_changes_left_for_later_is_done_by_who_opens_it_next(
    open_library: Open, answers: Answers, reports: list[RawDocument], tmp_path: Path
) -> None:
    with open_library(tmp_path / "fresh") as fresh:
        fresh.ingest(reports)
        wanted = [answers(fresh, question) for question in QUESTIONS]
    with open_library() as library:
        library.settle_later()
        library.ingest([*reports, RawDocument.of("gone.txt", "Northfield letters. 云溪市驻村书记。" * 9)])
        library.remove("gone.txt")
    with open_library() as library:
        assert [answers(library, question) for question in QUESTIONS] == wanted


def test_an_index_left_half_written_is_not_even_opened(open_library: Open, answers: Answers, library_dir: Path) -> None:
    with open_library() as library:
        before = content(library, answers)
    for index in ("dense", "lexical"):
        state = json.loads((library_dir / index / "state.json").read_text())
        (library_dir / index / "state.json").write_text(json.dumps({**state, "clean": False}))
    old = {path for index in ("dense", "lexical") for path in (library_dir / index).iterdir() if path.is_dir()}
    with open_library() as library:
        assert content(library, answers) == before
    assert not any(path.exists() for path in old)


def test_indexes_follow_a_catalogue_from_a_backup(
    open_library: Open, answers: Answers, library_dir: Path, reports: list[RawDocument]
) -> None:
    backup = (library_dir / "library.sqlite3").read_bytes()
    with open_library() as library:
        before = content(library, answers)
        library.ingest([RawDocument.of(reports[0].name, "别的内容，书记。")])
    (library_dir / "library.sqlite3").write_bytes(backup)
    with open_library() as library:
        assert content(library, answers) == before


def test_an_index_that_lost_a_passage_is_built_again(open_library: Open, answers: Answers, library_dir: Path) -> None:
    """Whatever the files' digests say, an index must hold as many passages as the catalogue, and find a few."""
    with open_library() as library:
        before = content(library, answers)
        library._dense.remove([library.passages_of(library.documents()[0].id)[0].id])
        library._lexical.remove([library.passages_of(library.documents()[1].id)[0].id])
        library._lexical._end_writer()
        for slot, name in (
            (library._dense._slot, library._dense._name),
            (library._lexical._slot, library._lexical._name),
        ):
            slot.renew(name)
    with open_library() as library:
        assert content(library, answers) == before


def test_a_lazy_opening_gives_the_same_answers_before_and_after_chroma_is_started(
    open_library: Open, answers: Answers, library_dir: Path
) -> None:
    with open_library() as library:
        before = content(library, answers)
    with open_library(lazy=True) as library:
        assert content(library, answers) == before
        assert not library._dense.is_open
        library.warm_up()
        assert library._dense.is_open
        assert content(library, answers) == before


def test_a_lazy_opening_notices_a_wrong_vector_when_chroma_is_started(
    open_library: Open, answers: Answers, library_dir: Path, reports: list[RawDocument]
) -> None:
    with open_library() as library:
        before = content(library, answers)
        first = min(one.id for info in library.documents() for one in library.passages_of(info.id))
        wrong = -library.passage_vectors([first])[first]
        library._dense._collection.update(ids=[str(first)], embeddings=[wrong])
        library._dense._slot.renew(library._dense._name)
    with open_library(lazy=True) as library:
        library.warm_up()
        assert content(library, answers) == before
        library.ingest([RawDocument.of("new", "新的一份。" * 3)])
    with open_library(lazy=True) as library:
        assert library.remove("new").name == "new"
        assert library._dense.is_open
        assert content(library, answers)["documents"] == before["documents"]


def test_a_damaged_file_is_noticed_by_a_lazy_opening(open_library: Open, answers: Answers, library_dir: Path) -> None:
    with open_library() as library:
        before = content(library, answers)
    damage(max((library_dir / "dense").rglob("*.sqlite3")), "one byte")
    built: list[str] = []
    with open_library(lazy=True, progress=lambda what, *_: built.append(what)) as library:
        assert content(library, answers) == before
    assert set(built) == {"dense index"}


def test_an_index_with_a_wrong_vector_is_built_again(open_library: Open, answers: Answers, library_dir: Path) -> None:
    with open_library() as library:
        before = content(library, answers)
        first = min(one.id for info in library.documents() for one in library.passages_of(info.id))
        wrong = -library.passage_vectors([first])[first]
        library._dense._collection.update(ids=[str(first)], embeddings=[wrong])
        library._dense._slot.renew(library._dense._name)
    built: list[str] = []
    with open_library(progress=lambda what, *_: built.append(what)) as library:
        assert content(library, answers) == before
    assert set(built) == {"dense index"}


def test_a_damaged_catalogue_is_never_misread(open_library: Open, answers: Answers, library_dir: Path) -> None:
    with open_library() as library:
        before = content(library, answers)
    file = library_dir / "library.sqlite3"
    whole = file.read_bytes()
    chance = random.Random(7)
    refusals: list[str] = []
    for attempt in range(40):
        at, length = chance.randrange(len(whole)), chance.choice((1, 16, 600, len(whole)))
        junk = b"" if length == len(whole) else chance.randbytes(length)  # the last one cuts the file off there
        file.write_bytes(whole[:at] + junk + whole[at + length :])
        try:
            with open_library() as library:
                assert content(library, answers) == before, (attempt, at, length)
        except LibraryBroken as error:
            refusals.append(str(error))
    assert len(refusals) > 10
    assert all(str(file) in refusal for refusal in refusals)
    assert all("restore" in refusal or "another program" in refusal for refusal in refusals)


def test_of_a_large_catalogue_the_tables_with_indexes_are_checked(
    open_library: Open, answers: Answers, library_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vectorstore.storage.backends._LARGE", 0)
    open_library().close()
    test_a_damaged_catalogue_is_never_misread(open_library, answers, library_dir)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_truncated_catalogue_is_refused(open_library: Open, library_dir: Path, share: float) -> None:
    file = library_dir / "library.sqlite3"
    data = file.read_bytes()
    file.write_bytes(data[: int(len(data) * share)])
    with pytest.raises(LibraryBroken, match=r"library\.sqlite3.*restore it from a backup"):
        open_library()


def test_a_catalogue_that_is_gone_is_not_an_empty_library(open_library: Open, library_dir: Path) -> None:
    file = library_dir / "library.sqlite3"
    for gone in (lambda: file.write_bytes(b""), file.unlink):
        gone()
        with pytest.raises(LibraryBroken, match="restore it from a backup"):
            open_library()


def test_another_programs_database_is_left_alone(open_library: Open, tmp_path: Path) -> None:
    file = tmp_path / "data" / "library.sqlite3"
    file.parent.mkdir()
    with sqlite3.connect(file) as connection:
        connection.execute("CREATE TABLE theirs (x)")
    connection.close()
    before = file.read_bytes()
    with pytest.raises(LibraryBroken, match="another program"):
        open_library()
    assert file.read_bytes() == before


def test_a_text_file_is_no_catalogue(open_library: Open, tmp_path: Path) -> None:
    file = tmp_path / "data" / "library.sqlite3"
    file.parent.mkdir()
    file.write_text("这不是数据库。" * 500)
    with pytest.raises(LibraryBroken, match="not a database"):
        open_library()


def test_a_newer_catalogue_is_refused(open_library: Open, library_dir: Path) -> None:
    with sqlite3.connect(library_dir / "library.sqlite3") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0099'")
    connection.close()
    with pytest.raises(LibraryBroken, match=r"version 0099.*upgrade"):
        open_library()


def test_a_data_directory_that_is_a_file(open_library: Open, tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    with pytest.raises(LibraryError, match="data directory"):
        open_library()


def test_a_failed_opening_gives_the_lock_back(open_library: Open, library_dir: Path) -> None:
    file = library_dir / "library.sqlite3"
    whole = file.read_bytes()
    file.write_bytes(b"nonsense" * 1000)
    with pytest.raises(LibraryBroken):
        open_library()
    file.write_bytes(whole)
    open_library().close()
