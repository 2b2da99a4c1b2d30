"""Writes documents into the catalogue's tables, and takes them out; each function is a part of a transaction.

Many documents take few statements: making one takes longer than it takes a database to run it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from itertools import count
from typing import Any

from vectorstore.storage import originals, records, versions
from vectorstore.storage.changelog import changed
from vectorstore.storage.collections import DEFAULT, Scope, require_there
from vectorstore.storage.database import Connection
from vectorstore.storage.hashes import checksum, document_id
from vectorstore.storage.places import put_places
from vectorstore.storage.records import IndexedDocument
from vectorstore.storage.tables import (
    Table,
    bindparam,
    delete,
    documents,
    func,
    insert,
    members,
    passages,
    select,
    texts,
    vectors,
)

INFO = ("id", "name", "title", "sha256", "chars", "passages", "date", "source", "added")
ENTRY = (*INFO, "given_title", "built")
_LAST_KEY = select(func.coalesce(func.max(documents.c.key), 0))
_NAMED = select(documents.c.key, documents.c.sha256, documents.c.added).where(documents.c.name == bindparam("name"))
_PASSAGES = select(passages.c.id).where(passages.c.document == bindparam("key")).order_by(passages.c.id)
_DELETE = delete(documents).where(documents.c.key == bindparam("key"))

_Rows = dict[Table, list[dict[str, Any]]]


def put(
    connection: Connection, added: Sequence[IndexedDocument], first_id: int, collections: Mapping[str, Scope]
) -> list[int]:
    """Add documents of different names, each in the place of the one of its name, as one change of the library.

    Args:
        first_id: their passages are numbered from it, in order.
        collections: of documents that are there, by id; for those of ``added`` that name none.

    Returns:
        the ids of the passages that were removed.
    """
    there = changed(connection, [document_id(one.name) for one in added])
    require_there(connection, {id for one in added for id in one.collections})
    now = datetime.now(UTC).isoformat(timespec="seconds")
    keys = count(connection.execute(_LAST_KEY).scalar_one() + 1)
    numbers = count(first_id)
    gone: list[int] = []
    dropped: list[str] = []
    rows: _Rows = {table: [] for table in (documents, texts, passages, vectors, members)}
    kept = []
    for document in added:
        id, key, since, original = document_id(document.name), next(keys), now, document.original
        if id in there:
            before = connection.execute(_NAMED, {"name": document.name}).one()
            held = originals.held_by(connection, document.name)
            if before.sha256 == document.sha256:  # built again, and still the same document
                since, original = before.added, original or held
            versions.keep(connection, document.name, document.sha256)
            gone += take_out(connection, before.key)
            dropped += [held.sha256] if held is not None else []
        into = document.collections or collections.get(id, (DEFAULT,))
        _gather(rows, key, document, since, numbers)
        rows[members] += [{"document": key, "collection": one} for one in into]
        kept.append((key, document, original))
    for table, found in rows.items():
        if found:
            connection.execute(insert(table), found)
    for key, document, original in kept:
        if document.places is not None:
            put_places(connection, key, document.places)
        if original is not None:
            originals.keep(connection, key, original)
    for sha256 in dropped:
        originals.drop_unused(connection, sha256)
    return gone


def take_out(connection: Connection, key: int) -> list[int]:
    """Delete the document of that key; return the ids of its passages."""
    gone = list(connection.execute(_PASSAGES, {"key": key}).scalars())
    connection.execute(_DELETE, {"key": key})
    return gone


def row_checksum(row: Sequence[Any]) -> int:
    """Return the checksum of a document's entry: the columns ``ENTRY``."""
    return checksum(*("\0" if value is None else str(value) for value in row))


def _gather(rows: _Rows, key: int, document: IndexedDocument, added: str, numbers: count[int]) -> None:
    row = (
        document_id(document.name), document.name, document.title, document.sha256, len(document.text),
        len(document.passages), document.date, document.source, added, document.given_title, document.built,
    )  # fmt: skip
    rows[documents].append({"key": key, "crc": row_checksum(row), **dict(zip(ENTRY, row, strict=True))})
    blocks = records.dump_blocks(document.blocks)
    crc = checksum(document.text, blocks)
    rows[texts].append({"document": key, "text": document.text, "blocks": blocks, "crc": crc})
    for indexed in document.passages:
        id = next(numbers)
        rows[passages].append(_passage_row(key, id, indexed))
        rows[vectors].append(_vector_row(id, indexed))


def _passage_row(key: int, passage_id: int, indexed: records.IndexedPassage) -> dict[str, Any]:
    passage = indexed.passage
    spans = records.dump_spans(passage)
    crc = checksum(passage.kind, passage.section, passage.text, spans)
    return {
        "id": passage_id, "document": key, "ordinal": passage.ordinal, "kind": str(passage.kind),
        "section": passage.section, "text": passage.text, "spans": spans, "crc": crc,
    }  # fmt: skip


def _vector_row(passage_id: int, indexed: records.IndexedPassage) -> dict[str, Any]:
    vector, sentences = records.dump_vectors(indexed)
    crc = checksum(vector, sentences)
    return {"passage": passage_id, "vector": vector, "sentences": sentences, "crc": crc}
