"""The catalogue: documents, their text, layout, passages and vectors in SQLite. The indexes are derived from it."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import Any

from vectorstore.errors import UnknownDocument
from vectorstore.places import Places
from vectorstore.storage import records
from vectorstore.storage.database import Connection, Database
from vectorstore.storage.places import load_places, put_places
from vectorstore.storage.records import Held, IndexedDocument, PassageText, document_id
from vectorstore.storage.rows import damaged, in_chunks, verify
from vectorstore.storage.vectors import StoredVectors
from vectorstore.types import Document, DocumentInfo, StoredPassage

_INFO = "id, name, title, sha256, chars, passages, date, source, added"
_ROW = f"{_INFO}, given_title, built, crc"
_PASSAGE = (
    "p.id, d.id, d.name, d.title, p.ordinal, p.kind, p.section, p.text, p.spans, p.crc "
    "FROM passages p JOIN documents d ON d.key = p.document"
)
CHECKED = ("meta", "documents", "passages")
"""Tables that are looked up by indexes of their own, and so are checked whenever a file is opened."""
_SHORTEST = 100  # characters; most passages are longer


class Catalog:
    """Reads and writes of the catalogue's tables. Passage ids are never used twice."""

    def __init__(self, database: Database) -> None:
        """Use the tables of ``database``.

        Raises:
            LibraryBroken: they are damaged.
        """
        self._database = database
        self.vectors = StoredVectors(database)
        self.library_id = self._meta("library")

    def _meta(self, key: str) -> str:
        with self._database.read() as connection:
            row = connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        if row is None:
            raise damaged(self._database, f"its entry {key!r} is missing")
        return str(row[0])

    def _number(self, key: str) -> int:
        value = self._meta(key)
        if not value.isascii() or not value.isdigit():
            raise damaged(self._database, f"its entry {key!r} is {value!r}")
        return int(value)

    @property
    def generation(self) -> int:
        """Counts the changes of the catalogue, from 0."""
        return self._number("generation")

    @property
    def stamp(self) -> str:
        """A new random value for every change of the catalogue, so that even a restored backup can't repeat one."""
        return self._meta("stamp")

    # Writing

    def transaction(self) -> AbstractContextManager[Connection]:
        """Join the changes of a ``with`` block: all of them are committed at its end, or none."""
        return self._database.transaction()

    def reserve(self, count: int) -> int:
        """Return the first of ``count`` passage ids that are never given out again."""
        with self._database.transaction() as connection:
            first = self._number("next_passage")
            connection.execute("UPDATE meta SET value = ? WHERE key = 'next_passage'", (str(first + count),))
        return first

    def put(self, document: IndexedDocument, first_id: int) -> list[int]:
        """Add a document, in the place of the one of the same name; passages are numbered from ``first_id``.

        Returns:
            the ids of the passages that were removed.
        """
        added = datetime.now(UTC).isoformat(timespec="seconds")
        with self._database.transaction() as connection:
            for sha256, earlier in connection.execute(
                "SELECT sha256, added FROM documents WHERE name = ?", (document.name,)
            ):
                added = earlier if sha256 == document.sha256 else added  # built again, and still the same document
            gone = self._delete(connection, document.name)
            row = (
                document_id(document.name), document.name, document.title, document.sha256, len(document.text),
                len(document.passages), document.date, document.source, added, document.given_title, document.built,
            )  # fmt: skip
            key = connection.execute(
                f"INSERT INTO documents ({_ROW}) VALUES ({'?, ' * len(row)}?)", (*row, _row_checksum(row))
            ).lastrowid
            blocks = records.dump_blocks(document.blocks)
            connection.execute(
                "INSERT INTO texts VALUES (?, ?, ?, ?)",
                (key, document.text, blocks, records.checksum(document.text, blocks)),
            )
            if document.places is not None:
                put_places(connection, key, document.places)
            for passage_id, indexed in enumerate(document.passages, first_id):
                _insert_passage(connection, key, passage_id, indexed)
            self._changed(connection)
        return gone

    def remove(self, name_or_id: str) -> tuple[DocumentInfo, list[int]]:
        """Remove a document; returns what it was and the ids of its passages.

        Raises:
            UnknownDocument: there is none.
        """
        with self._database.transaction() as connection:
            info = self.info(name_or_id)
            gone = self._delete(connection, info.name)
            self._changed(connection)
        return info, gone

    def _delete(self, connection: Connection, name: str) -> list[int]:
        found = connection.execute("SELECT key FROM documents WHERE name = ?", (name,)).fetchone()
        if found is None:
            return []
        gone = [row[0] for row in connection.execute("SELECT id FROM passages WHERE document = ? ORDER BY id", found)]
        connection.execute("DELETE FROM documents WHERE key = ?", found)
        return gone

    def _changed(self, connection: Connection) -> None:
        connection.execute("UPDATE meta SET value = value + 1 WHERE key = 'generation'")
        connection.execute("UPDATE meta SET value = ? WHERE key = 'stamp'", (uuid.uuid4().hex,))

    # Documents

    def held(self, name: str) -> Held | None:
        with self._database.read() as connection:
            row = connection.execute(
                "SELECT sha256, given_title, built FROM documents WHERE name = ?", (_storable(name),)
            ).fetchone()
        return None if row is None else Held(*row)

    def has_text(self, sha256: str) -> bool:
        with self._database.read() as connection:
            return connection.execute("SELECT 1 FROM documents WHERE sha256 = ?", (sha256,)).fetchone() is not None

    def built(self) -> list[str]:
        """Return every combination of embedder and chunking that documents here were built with."""
        with self._database.read() as connection:
            return [row[0] for row in connection.execute("SELECT DISTINCT built FROM documents ORDER BY built")]

    def infos(self) -> list[DocumentInfo]:
        """Return all documents, by name."""
        with self._database.read() as connection:
            rows = connection.execute(f"SELECT {_ROW} FROM documents ORDER BY name").fetchall()
        return [self._info(row) for row in rows]

    def info(self, name_or_id: str) -> DocumentInfo:
        """Return the document of that name, or else of that id.

        Raises:
            UnknownDocument: there is none.
        """
        with self._database.read() as connection:
            row = connection.execute(
                f"SELECT {_ROW} FROM documents WHERE name = ?1 OR id = ?1 ORDER BY name = ?1 DESC",
                (_storable(name_or_id),),
            ).fetchone()
        if row is None:
            raise UnknownDocument(f"the library has no document {name_or_id!r}; `qa documents list` shows those it has")
        return self._info(row)

    def _info(self, row: tuple[Any, ...]) -> DocumentInfo:
        if row[-1] != _row_checksum(row[:-1]):
            raise damaged(self._database, f"the entry of document {row[1]!r} differs from its checksum")
        return DocumentInfo(*row[:9])

    def document(self, name_or_id: str) -> Document:
        """Return the document of that name, or else of that id, whole.

        Raises:
            UnknownDocument: there is none.
        """
        with self._database.read() as connection:
            info = self.info(name_or_id)
            text, blocks, crc = connection.execute(
                "SELECT text, blocks, crc FROM texts WHERE document = (SELECT key FROM documents WHERE id = ?)",
                (info.id,),
            ).fetchone()
            verify(self._database, crc, f"document {info.name!r}", text, blocks)
            return Document(info, text, records.load_blocks(blocks), tuple(self.passages_of(info.id)))

    def places_of(self, document_id: str) -> Places | None:
        """Return on which page each character of a document stands; None where it has no pages, or doesn't exist."""
        return load_places(self._database, document_id)

    # Passages

    def count(self, document_ids: Sequence[str] | None = None) -> int:
        """Return the number of passages, of all documents or of some."""
        with self._database.read() as connection:
            if document_ids is None:
                return int(connection.execute("SELECT count(*) FROM passages").fetchone()[0])
            counts = in_chunks(connection, "SELECT sum(passages) FROM documents WHERE id IN ({})", document_ids)
            return sum(row[0] or 0 for row in counts)

    def places(self, ids: Sequence[int]) -> tuple[dict[int, tuple[str, int]], int]:
        """Return document name and ordinal of those of ``ids`` that are passages, as of a generation."""
        query = (
            "SELECT p.id, d.name, p.ordinal FROM passages p JOIN documents d ON d.key = p.document WHERE p.id IN ({})"
        )
        with self._database.read() as connection:
            return {row[0]: (row[1], row[2]) for row in in_chunks(connection, query, ids)}, self.generation

    def passages(self, ids: Sequence[int]) -> dict[int, StoredPassage]:
        """Return those of ``ids`` that are passages."""
        with self._database.read() as connection:
            rows = list(in_chunks(connection, f"SELECT {_PASSAGE} WHERE p.id IN ({{}})", ids))
        return {row[0]: self._stored(*row) for row in rows}

    def passages_of(self, document_id: str) -> list[StoredPassage]:
        """Return a document's passages in order."""
        with self._database.read() as connection:
            rows = connection.execute(f"SELECT {_PASSAGE} WHERE d.id = ? ORDER BY p.ordinal", (document_id,)).fetchall()
        return [self._stored(*row) for row in rows]

    def heads(self, chars: int) -> dict[str, str]:
        """Return the beginnings of all documents' passages, at most ``chars`` characters, by document id."""
        heads: dict[str, str] = {}
        query = f"SELECT {_PASSAGE} WHERE p.ordinal < ? ORDER BY d.id, p.ordinal"
        with self._database.read() as connection:
            for row in connection.execute(query, (1 + chars // _SHORTEST,)):
                stored = self._stored(*row)
                head = heads.get(stored.document_id, "")
                heads[stored.document_id] = f"{head}\n{stored.passage.text}".strip()[:chars]
        return heads

    def _stored(
        self, id: int, document_id: str, name: str, title: str,
        ordinal: int, kind: str, section: str, text: str, spans: str, crc: int,
    ) -> StoredPassage:  # fmt: skip
        verify(self._database, crc, f"passage {id} of {name!r}", kind, section, text, spans)
        return StoredPassage(id, document_id, name, title, records.load_passage(ordinal, kind, section, text, spans))

    def texts(self, after: int = 0, batch: int = 1000) -> Iterator[list[PassageText]]:
        """Yield what the lexical index holds, in the order of passage ids."""
        query = (
            "SELECT p.id, d.id, d.title, p.section, p.text, p.kind, p.spans, p.crc FROM passages p "
            "JOIN documents d ON d.key = p.document WHERE p.id > ? ORDER BY p.id LIMIT ?"
        )
        while True:
            with self._database.read() as connection:
                rows = connection.execute(query, (after, batch)).fetchall()
            if not rows:
                return
            for row in rows:
                verify(self._database, row[7], f"passage {row[0]}", row[5], row[3], row[4], row[6])
            yield [PassageText(*row[:5]) for row in rows]
            after = rows[-1][0]


def _storable(text: str) -> str | None:
    """Return ``text`` as the database can be asked for it: for what can't be in there, NULL, which matches nothing."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return None
    return text


def _row_checksum(row: Sequence[Any]) -> int:
    return records.checksum(*("\0" if value is None else str(value) for value in row))


def _insert_passage(connection: Connection, key: int | None, passage_id: int, indexed: records.IndexedPassage) -> None:
    passage = indexed.passage
    spans = records.dump_spans(passage)
    crc = records.checksum(passage.kind, passage.section, passage.text, spans)
    connection.execute(
        "INSERT INTO passages VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (passage_id, key, passage.ordinal, passage.kind, passage.section, passage.text, spans, crc),
    )
    vector, sentences = records.dump_vectors(indexed)
    row = (passage_id, vector, sentences, records.checksum(vector, sentences))
    connection.execute("INSERT INTO vectors VALUES (?, ?, ?, ?)", row)
