"""Files of earlier versions are brought up to this one, with nothing lost; those of newer ones are refused."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from vectorstore.embeddings.cache import VectorCache
from vectorstore.errors import LibraryBroken, LibraryError
from vectorstore.storage import migrations
from vectorstore.storage.catalog import Catalog
from vectorstore.storage.database import APPLICATION_ID, Database
from vectorstore.storage.jobs import Jobs
from vectorstore.storage.migrations import HEAD
from vectorstore.storage.tables import metadata, text

HISTORY = Path(migrations.__file__).with_name("history")
DATA = Path(__file__).with_name("data")
VERSION_1 = DATA / "version_1.sql"
VERSION_2 = DATA / "version_2.sql"
VERSION_4 = DATA / "version_4.sql"
VERSION_9 = DATA / "version_9.sql"
SESSIONS = ("feedback", "messages", "conversations", "api_keys", "vector_cache")

Rows = dict[str, list[dict[str, Any]]]


def before_jobs_had_owners(connection: sqlite3.Connection) -> None:
    """Of version 9, whose jobs everybody saw who saw any."""
    connection.executescript(VERSION_9.read_text("utf-8"))


def before_live_changes(connection: sqlite3.Connection) -> None:
    """Of version 4, whose jobs nobody worked on."""
    connection.executescript(VERSION_4.read_text("utf-8"))


def before_alembic(connection: sqlite3.Connection) -> None:
    """Of the last version that counted in ``user_version``."""
    connection.executescript(VERSION_2.read_text("utf-8"))


def whole(connection: sqlite3.Connection) -> None:
    """All tables, as a server leaves them."""
    connection.executescript(VERSION_1.read_text("utf-8"))


def documents_only(connection: sqlite3.Connection) -> None:
    """Without the tables that the sessions and the cache used to make for themselves."""
    whole(connection)
    for table in SESSIONS:
        connection.execute(f"DROP TABLE {table}")


def before_owners(connection: sqlite3.Connection) -> None:
    """Of a time before API keys: conversations have no owner, and there is neither feedback nor a key."""
    whole(connection)
    connection.executescript(
        """
        DROP TABLE feedback;
        DROP TABLE api_keys;
        DROP INDEX conversations_recent;
        ALTER TABLE conversations DROP COLUMN owner;
        """
    )


def keys_only(connection: sqlite3.Connection) -> None:
    """Version 0: a key was made before the first document."""
    connection.executescript(
        f"""
        PRAGMA application_id = {APPLICATION_ID};
        CREATE TABLE api_keys (
            id TEXT PRIMARY KEY,
            name TEXT NOT NULL,
            sha256 TEXT NOT NULL,
            created TEXT NOT NULL,
            revoked TEXT);
        INSERT INTO api_keys VALUES ('7d6e995d', 'Ada', '76bc', '2024-05-01T10:00:00.000+00:00', NULL);
        """
    )


Make = Callable[[sqlite3.Connection], None]
EARLIER: tuple[Make, ...] = (
    before_jobs_had_owners,
    before_live_changes,
    before_alembic,
    whole,
    documents_only,
    before_owners,
    keys_only,
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "library.sqlite3"


def make(path: Path, how: Make) -> None:
    with closing(sqlite3.connect(path)) as connection:
        how(connection)
        connection.commit()


def rows(path: Path) -> Rows:
    """Return every row of every table, by column."""
    with closing(sqlite3.connect(path)) as connection:
        connection.row_factory = sqlite3.Row
        tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {table: [dict(row) for row in connection.execute(f"SELECT * FROM {table}")] for table in tables}


def layout(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Return the columns of every table, and the columns of every index.

    Alembic writes NOT NULL at primary keys, which were so without it.
    """
    with closing(sqlite3.connect(path)) as connection:
        names = connection.execute("SELECT type, name FROM sqlite_master").fetchall()
        return {
            name: [
                (*column[:3], column[3] or (column[5] > 0), *column[4:]) if kind == "table" else column
                for column in connection.execute(f"PRAGMA {kind}_info('{name}')")
            ]
            for kind, name in names
            if not name.startswith("sqlite_")
        }


def revision(path: Path) -> str:
    with closing(sqlite3.connect(path)) as connection:
        return str(connection.execute("SELECT version_num FROM alembic_version").fetchone()[0])


def set_revision(database: Database, to: str) -> None:
    with database.transaction() as connection:
        connection.execute(text(f"UPDATE alembic_version SET version_num = '{to}'"))


def test_head_is_the_newest_revision() -> None:
    script = ScriptDirectory(str(HISTORY))
    assert script.get_current_head() == HEAD
    assert [one.revision for one in script.walk_revisions()] == [f"{n:04}" for n in range(int(HEAD), 0, -1)]


@pytest.mark.parametrize("how", [before_alembic, whole])
def test_earlier_documents_and_keys_may_be_seen_and_do_what_they_could(path: Path, how: Make) -> None:
    make(path, how)
    with Database(path) as database:
        catalog = Catalog(database)
        infos = catalog.infos()
        assert infos
        assert catalog.collections.names([info.id for info in infos]) == {info.id: ["default"] for info in infos}
    for key in rows(path)["api_keys"]:
        assert (key["roles"], key["collections"]) == ("ask,download", None)


def test_the_history_makes_the_tables_that_are_declared(place: Path | str) -> None:
    with Database(place) as database, database.read() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, metadata) == []


def test_a_new_file_has_the_newest_revision(path: Path) -> None:
    Database(path).close()
    assert revision(path) == HEAD
    assert {*metadata.tables, "alembic_version"} == rows(path).keys()


@pytest.mark.parametrize("how", EARLIER, ids=lambda how: how.__name__)
def test_an_earlier_file_loses_nothing(path: Path, tmp_path: Path, how: Make) -> None:
    make(path, how)
    before = rows(path)
    before.pop("alembic_version", None)
    Database(path).close()
    after = rows(path)
    for table, kept in before.items():
        left = [{column: row[column] for column in row if column in kept[0]} for row in after[table]] if kept else []
        assert [row for row in left if row in kept] == kept
        assert len(left) == len(kept) or table == "meta"  # which counts jobs, too
    assert revision(path) == HEAD
    Database(tmp_path / "new.sqlite3").close()
    assert layout(path) == layout(tmp_path / "new.sqlite3")


def test_conversations_without_an_owner_are_nobodys(path: Path) -> None:
    make(path, before_owners)
    Database(path).close()
    assert [row["owner"] for row in rows(path)["conversations"]] == [""]


def test_jobs_without_an_owner_are_of_those_who_see_all(path: Path) -> None:
    make(path, before_jobs_had_owners)
    with Database(path) as database:
        jobs = Jobs(database)
        assert [(job.document, job.owner) for job in jobs.recent()] == [("northfield.txt", "")] * 2
        assert jobs.of("a key").recent() == []


def test_what_stored_answers_cite_is_noted(path: Path) -> None:
    make(path, whole)
    document, answered = rows(path)["documents"][0], rows(path)["messages"][1]["id"]
    answer = json.dumps({"citations": [{"document_id": document["id"]}, {"document_id": "gone"}]})
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE messages SET answer = ? WHERE id = ?", (answer, answered))
        connection.commit()
    Database(path).close()
    noted = {"message_id": answered, "document_id": document["id"], "sha256": document["sha256"]}
    assert rows(path)["citations"] == [noted]


@pytest.mark.parametrize("how", [before_live_changes, before_alembic, whole], ids=lambda how: how.__name__)
def test_documents_of_an_earlier_file_are_read_and_checked(path: Path, how: Make) -> None:
    make(path, how)
    with Database(path) as database:
        catalog = Catalog(database)
        assert catalog.library_id == "3b6f3efd38264f069b9cf953dbac0426"
        assert catalog.generation == 2
        assert [info.name for info in catalog.infos()] == ["northfield.txt", "双桥镇.txt"]
        document = catalog.document("双桥镇.txt")
        assert document.passages[0].passage.text.startswith("双桥镇新建蔬菜大棚111个")
        assert catalog.vectors.of_passages([1])[1].shape == (4,)
        remembered = rows(path)["vector_cache"][0]
        found = VectorCache(database).get_many("toy-4", "passage", [remembered["sha256"]])
        assert np.array_equal(found[remembered["sha256"]], np.frombuffer(remembered["vector"], "<f4"))
        assert catalog.reserve(1) == 3


def test_a_file_of_this_version_is_not_written_to(path: Path) -> None:
    make(path, whole)
    Database(path).close()
    before = path.read_bytes()
    Database(path).close()
    assert path.read_bytes() == before


def test_a_newer_file_is_refused_and_left_alone(place: Path | str) -> None:
    with Database(place) as database:
        set_revision(database, "9999")
    before = place.read_bytes() if isinstance(place, Path) else b""
    with pytest.raises(LibraryBroken, match=f"version 9999 and this program knows up to {HEAD}: upgrade"):
        Database(place)
    assert (place.read_bytes() if isinstance(place, Path) else b"") == before


def test_a_program_from_before_alembic_refuses_what_this_one_opened(path: Path) -> None:
    """It knew versions up to 2."""
    make(path, before_alembic)
    Database(path).close()
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (3,)


def test_a_migration_that_fails_changes_nothing(path: Path) -> None:
    def with_another_feedback(connection: sqlite3.Connection) -> None:
        documents_only(connection)
        connection.execute("CREATE TABLE feedback (of_another_kind TEXT)")

    make(path, with_another_feedback)
    before = rows(path)
    with pytest.raises(LibraryError, match="conversation_id"):
        Database(path)
    assert rows(path) == before


def test_a_damaged_file_is_not_migrated(path: Path) -> None:
    make(path, whole)
    data = bytearray(path.read_bytes())
    place = data.index(b"Northfield runs 14")
    page = place // 4096 * 4096
    data[page + 8 : page + 40] = b"\xff" * 32
    path.write_bytes(data)
    with pytest.raises(LibraryBroken, match="restore it from a backup"):
        Database(path)
    assert path.read_bytes() == data


def test_several_may_migrate_at_the_same_time(place: Path | str) -> None:
    if isinstance(place, Path):
        place.parent.mkdir()
        make(place, before_owners)
    with ThreadPoolExecutor(4) as pool:
        databases = list(pool.map(lambda _: Database(place), range(4)))
    assert {Catalog(database).library_id for database in databases} == {Catalog(databases[0]).library_id}
    for database in databases:
        database.close()
    if isinstance(place, Path):
        assert len(rows(place)["messages"]) == 2
        assert revision(place) == HEAD
