"""The catalogue: documents, their text, layout, passages and vectors. The indexes are derived from it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from itertools import groupby
from operator import itemgetter

from vectorstore.errors import AmbiguousDocument, UnknownDocument
from vectorstore.original import Original
from vectorstore.places import Places
from vectorstore.storage import originals, records, versions
from vectorstore.storage.changelog import changed, count_up, first_to_change
from vectorstore.storage.collections import DEFAULT, Collections, Scope, ids_of
from vectorstore.storage.database import Connection, Database
from vectorstore.storage.hashes import document_id
from vectorstore.storage.places import load_places
from vectorstore.storage.records import DocumentText, Held, IndexedDocument, PassageText, passage_texts
from vectorstore.storage.rows import in_chunks, verify
from vectorstore.storage.tables import (
    Row,
    bindparam,
    delete,
    documents,
    func,
    insert,
    members,
    meta,
    or_,
    passages,
    select,
    texts,
)
from vectorstore.storage.vectors import StoredVectors
from vectorstore.storage.writing import ENTRY, INFO, put, row_checksum, take_out
from vectorstore.types import Document, DocumentInfo, StoredPassage

_SHARED_BUILD = "shared_build"
CHECKED = ("meta", "documents", "passages")
"""Tables that are looked up by indexes of their own, and so are checked whenever a file is opened."""

# Queries that every question asks are written once: making one takes longer than running it.
_ENTRY = select(meta.c.value).where(meta.c.key == bindparam("key"))
ROW = select(*(documents.c[name] for name in (*ENTRY, "crc")))
ROWS = ROW.order_by(documents.c.name)
_NAMED = ROW.where(or_(documents.c.name == bindparam("name"), documents.c.id == bindparam("name")))
_OWNED = passages.join(documents, documents.c.key == passages.c.document)
_PASSAGE = select(
    passages.c.id, documents.c.id, documents.c.name, documents.c.title, passages.c.ordinal, passages.c.kind,
    passages.c.section, passages.c.text, passages.c.spans, documents.c.sha256, passages.c.crc,
).select_from(_OWNED)  # fmt: skip
_SOME_PASSAGES = _PASSAGE.where(passages.c.id.in_(bindparam("some", expanding=True)))
PLACES = (
    select(passages.c.id, documents.c.name, passages.c.ordinal)
    .select_from(_OWNED)
    .where(passages.c.id.in_(bindparam("some", expanding=True)))
)
OWNERS = (
    select(documents.c.id).select_from(_OWNED).where(passages.c.id.in_(bindparam("some", expanding=True))).distinct()
)
SOME_ROWS = ROW.where(documents.c.id.in_(bindparam("some", expanding=True)))
_IDS = select(documents.c.id).order_by(documents.c.name)
DOCUMENTS = select(func.count()).select_from(documents)
_HELD = select(documents.c.name, documents.c.sha256, documents.c.given_title, documents.c.built).where(
    documents.c.name.in_(bindparam("some", expanding=True))
)
_TEXT_HASHES = select(documents.c.sha256).where(documents.c.sha256.in_(bindparam("some", expanding=True))).distinct()
_COUNTS = select(func.sum(documents.c.passages)).where(documents.c.id.in_(bindparam("some", expanding=True)))
_TEXTS = (
    select(
        passages.c.id, documents.c.id, documents.c.title, passages.c.section, passages.c.text, passages.c.kind,
        passages.c.spans, passages.c.crc, documents.c.name,
    )
    .select_from(_OWNED)
    .where(passages.c.id > bindparam("after"))
    .order_by(passages.c.id)
    .limit(bindparam("batch"))
)  # fmt: skip


class Catalog:
    """Reads and writes of the catalogue's tables. Passage ids are never used twice."""

    def __init__(self, database: Database) -> None:
        """Use the tables of ``database``.

        Raises:
            LibraryBroken: they are damaged.
        """
        self._database = database
        self.vectors = StoredVectors(database)
        self.collections = Collections(database)
        self.library_id = self._meta("library")

    def _meta(self, key: str) -> str:
        found = self._database.rows(_ENTRY, {"key": key})
        if not found:
            raise self._database.broken(f"its entry {key!r} is missing")
        return str(found[0].value)

    def _number(self, key: str) -> int:
        value = self._meta(key)
        if not value.isascii() or not value.isdigit():
            raise self._database.broken(f"its entry {key!r} is {value!r}")
        return int(value)

    @property
    def generation(self) -> int:
        """Counts the changes of the catalogue, from 0."""
        return self._number("generation")

    @property
    def stamp(self) -> str:
        """A new random value for every change of the catalogue, so that even a restored backup can't repeat one."""
        return self._meta("stamp")

    @property
    def shared_build(self) -> str | None:
        """What :meth:`share_build` noted last."""
        found = self._database.rows(_ENTRY, {"key": _SHARED_BUILD})
        return str(found[0].value) if found else None

    def share_build(self, build: str | None) -> None:
        """Note for all processes which build of a shared index is current; None for none."""
        with self._database.transaction() as connection:
            connection.execute(delete(meta).where(meta.c.key == _SHARED_BUILD))
            if build is not None:
                connection.execute(insert(meta).values(key=_SHARED_BUILD, value=build))

    # Writing

    def changing(self) -> AbstractContextManager[None]:
        """Keep other processes from changing the library, as ``Database.changing`` does."""
        return self._database.changing()

    def transaction(self) -> AbstractContextManager[Connection]:
        """Join the changes of a ``with`` block: all of them are committed at its end, or none."""
        return self._database.transaction()

    def reserve(self, count: int) -> int:
        """Return the first of ``count`` passage ids that are never given out again."""
        with self._database.transaction() as connection:
            count_up(connection, "next_passage", count)
            return self._number("next_passage") - count

    def put(self, added: Sequence[IndexedDocument], first_id: int) -> list[int]:
        """Add documents of different names, each in the place of the one of its name, as one change of the library.

        Args:
            first_id: their passages are numbered from it, in order.

        Returns:
            the ids of the passages that were removed.
        """
        with self._database.transaction() as connection:
            alone = [document_id(document.name) for document in added if not document.collections]
            return put(connection, added, first_id, ids_of(self._database, alone))

    def collections_of(self, name: str) -> Scope:
        """Return the ids of the collections that the document called ``name`` is in, or would be put into."""
        id = document_id(name)
        return ids_of(self._database, [id]).get(id, (DEFAULT,))

    def keep_original(self, name: str, original: Original | None) -> None:
        """Store the file of a document that is there and has none: of a library from before files were kept."""
        key = select(documents.c.key).where(documents.c.name == name)
        if original is None:
            return
        with self._database.transaction() as connection:
            if originals.held_by(connection, name) is None:
                originals.keep(connection, connection.execute(key).scalar_one(), original)

    def remove(self, name: str) -> tuple[DocumentInfo, list[int]]:
        """Remove the document of that name; returns what it was and the ids of its passages.

        Raises:
            UnknownDocument: there is none; one of that id is not meant.
        """
        with self._database.transaction() as connection:
            first_to_change(connection)
            info = self.info(name)
            if info.name != name:
                raise unknown_document(name)
            changed(connection, [info.id])
            held = originals.held_by(connection, info.name)
            key = connection.execute(select(documents.c.key).where(documents.c.id == info.id)).scalar_one()
            gone = take_out(connection, key)
            versions.forget(connection, info.id)
            if held is not None:
                originals.drop_unused(connection, held.sha256)
        return info, gone

    # Documents

    def held(self, name: str) -> Held | None:
        """Return what is known of a name; None when no document has it."""
        return self.all_held([name]).get(name)

    def all_held(self, names: Sequence[str]) -> dict[str, Held]:
        """Return what is known of those of ``names`` that documents have."""
        return {row[0]: Held(*row[1:]) for row in in_chunks(self._database, _HELD, list(filter(storable, names)))}

    def texts_held(self, hashes: Sequence[str], within: Scope | None = None) -> set[str]:
        """Return those of ``hashes`` that are of some document's text, in one of the collections of ``within``."""
        query = _TEXT_HASHES if within is None else _TEXT_HASHES.join(members).where(members.c.collection.in_(within))
        return {row.sha256 for row in in_chunks(self._database, query, hashes)}

    def built(self) -> list[str]:
        """Return every combination of embedder and chunking that documents here were built with."""
        query = select(documents.c.built).distinct().order_by(documents.c.built)
        return [row.built for row in self._database.rows(query)]

    def infos(self) -> list[DocumentInfo]:
        """Return all documents, by name."""
        return [self.info_of(row) for row in self._database.rows(ROWS)]

    def some_infos(self, ids: Sequence[str]) -> list[DocumentInfo]:
        """Return those of ``ids`` that are documents, by name."""
        found = [self.info_of(row) for row in in_chunks(self._database, SOME_ROWS, ids)]
        return sorted(found, key=lambda info: info.name)

    def first_infos(self, most: int, after: int = 0) -> list[DocumentInfo]:
        """Return at most ``most`` documents by name, leaving out the first ``after``."""
        return [self.info_of(row) for row in self._database.rows(ROWS.limit(most).offset(after))]

    def ids(self) -> list[str]:
        """Return the ids of all documents, by name."""
        return [row.id for row in self._database.rows(_IDS)]

    def document_count(self, ids: Sequence[str] | None = None) -> int:
        """Return the number of all documents, or of those of ``ids``, which must be documents."""
        if ids is not None:
            return len(set(ids))
        return int(self._database.rows(DOCUMENTS)[0][0])

    def owners(self, passage_ids: Sequence[int]) -> list[str]:
        """Return the ids of the documents that some passages are of, in no order; of passages that there are."""
        return list(dict.fromkeys(row.id for row in in_chunks(self._database, OWNERS, passage_ids)))

    def info(self, name_or_id: str, to_change: bool = False) -> DocumentInfo:
        """Return the document of that name, or else of that id.

        Raises:
            UnknownDocument: there is none.
            AmbiguousDocument: it is ``to_change``, and the name is another's id.
        """
        found = self._database.rows(_NAMED, {"name": name_or_id}) if storable(name_or_id) else []
        return meant(name_or_id, [self.info_of(row) for row in found], to_change)

    def info_by_id(self, id: str) -> DocumentInfo:
        """Return the document of that id: one whose name looks like it is not meant.

        Raises:
            UnknownDocument: there is none.
        """
        found = self.some_infos([id])
        if not found:
            raise unknown_document(id)
        return found[0]

    def info_of(self, row: Row) -> DocumentInfo:
        """Return the document of a row of ``ROW``."""
        if row.crc != row_checksum(row[:-1]):
            raise self._database.broken(f"the entry of document {row.name!r} differs from its checksum")
        return DocumentInfo(*row[: len(INFO)])

    def document(self, name_or_id: str) -> Document:
        """Return the document of that name, or else of that id, whole.

        Raises:
            UnknownDocument: there is none.
        """
        with self._database.read():
            return self.document_by_id(self.info(name_or_id).id)

    def document_by_id(self, id: str) -> Document:
        """Return the document of that id whole.

        Raises:
            UnknownDocument: there is none.
        """
        with self._database.read() as connection:
            info = self.info_by_id(id)
            text, blocks = self._text(connection, info)
            return Document(info, text, records.load_blocks(blocks), tuple(self.passages_of(id)))

    def text(self, info: DocumentInfo) -> str:
        """Return the raw text of a document that is there."""
        with self._database.read() as connection:
            return self._text(connection, info)[0]

    def _text(self, connection: Connection, info: DocumentInfo) -> tuple[str, str]:
        key = select(documents.c.key).where(documents.c.id == info.id).scalar_subquery()
        query = select(texts.c.text, texts.c.blocks, texts.c.crc).where(texts.c.document == key)
        found = connection.execute(query).first()
        if found is None:
            raise UnknownDocument(f"the library has no document {info.name!r} any more")
        verify(self._database, found.crc, f"document {info.name!r}", found.text, found.blocks)
        return found.text, found.blocks

    def places_of(self, document_id: str) -> Places | None:
        """Return on which page each character of a document stands; None where it has no pages, or doesn't exist."""
        return load_places(self._database, document_id)

    def original_of(self, document_id: str) -> Original | None:
        """Return the file that a document was read from, without its bytes; None where it isn't kept."""
        return originals.held_for(self._database, document_id)

    def original_bytes(self, sha256: str) -> bytes:
        """Return the bytes of the file of that hash."""
        return originals.load(self._database, sha256)

    def originals_held(self, hashes: Sequence[str]) -> set[str]:
        """Return those of ``hashes`` that are of files that are kept."""
        return originals.held(self._database, hashes)

    # Passages

    def count(self, document_ids: Sequence[str] | None = None) -> int:
        """Return the number of passages, of all documents or of some."""
        if document_ids is None:
            return int(self._database.rows(select(func.count()).select_from(passages))[0][0])
        return int(sum(row[0] or 0 for row in in_chunks(self._database, _COUNTS, document_ids)))

    def passage_ids(self) -> list[int]:
        """Return the ids of all passages, in order."""
        return [row.id for row in self._database.rows(select(passages.c.id).order_by(passages.c.id))]

    def places(self, ids: Sequence[int]) -> tuple[dict[int, tuple[str, int]], int]:
        """Return document name and ordinal of those of ``ids`` that are passages, as of a generation."""
        with self._database.read():
            found = in_chunks(self._database, PLACES, ids)
            return {row[0]: (row[1], row[2]) for row in found}, self.generation

    def passages(self, ids: Sequence[int]) -> dict[int, StoredPassage]:
        """Return those of ``ids`` that are passages."""
        return {row[0]: self._stored(*row) for row in in_chunks(self._database, _SOME_PASSAGES, ids)}

    def passages_of(self, document_id: str, most: int | None = None) -> list[StoredPassage]:
        """Return a document's passages in order, or the first ``most``."""
        query = _PASSAGE.where(documents.c.id == document_id).order_by(passages.c.ordinal).limit(most)
        return [self._stored(*row) for row in self._database.rows(query)]

    def _stored(
        self, id: int, document_id: str, name: str, title: str,
        ordinal: int, kind: str, section: str, text: str, spans: str, sha256: str, crc: int,
    ) -> StoredPassage:  # fmt: skip
        verify(self._database, crc, f"passage {id} of {name!r}", kind, section, text, spans)
        passage = records.load_passage(ordinal, kind, section, text, spans)
        return StoredPassage(id, document_id, name, title, passage, sha256)

    def texts(self, batch: int = 1000) -> Iterator[PassageText]:
        """Yield what the lexical index holds, in the order of passage ids: a document's passages follow each other."""
        for document, rows in groupby(self._text_rows(batch), key=itemgetter(0)):
            yield from passage_texts(document, [passage for _, passage in rows])

    def texts_of(self, document_id: str) -> list[PassageText]:
        """Return the same of one document; nothing if there is no such document."""
        with self._database.read():
            passages = [(one.id, one.passage.section, one.passage.text) for one in self.passages_of(document_id)]
            into = ids_of(self._database, [document_id]).get(document_id, ())
            found = [DocumentText(one.id, one.name, one.title, into) for one in self.some_infos([document_id])]
            return [text for document in found for text in passage_texts(document, passages)]

    def _text_rows(self, batch: int) -> Iterator[tuple[DocumentText, tuple[int, str, str]]]:
        after = 0
        while found := self._database.rows(_TEXTS, {"after": after, "batch": batch}):
            for row in found:
                verify(self._database, row[7], f"passage {row[0]}", row[5], row[3], row[4], row[6])
            into = ids_of(self._database, list(dict.fromkeys(row[1] for row in found)))
            for row in found:
                yield DocumentText(row[1], row[8], row[2], into.get(row[1], ())), (row[0], row[3], row[4])
            after = found[-1][0]


def meant(name_or_id: str, found: Sequence[DocumentInfo], to_change: bool) -> DocumentInfo:
    """Return which of the documents of a name or id is meant: that of the name.

    Raises:
        UnknownDocument: there is none.
        AmbiguousDocument: it is ``to_change``, and there are two.
    """
    if not found:
        raise unknown_document(name_or_id)
    named = max(found, key=lambda info: info.name == name_or_id)
    if to_change and len(found) > 1:
        other = next(info for info in found if info is not named)
        raise AmbiguousDocument(
            f"{name_or_id!r} is the name of one document and the id of another: "
            f"give {named.id!r} (its id) for the one, {other.name!r} (its name) for the other"
        )
    return named


def unknown_document(name_or_id: str) -> UnknownDocument:
    """Return the error for a document that isn't there, or that the caller may not see: the same for both."""
    return UnknownDocument(f"the library has no document {name_or_id!r}; `qa documents list` shows those it has")


def storable(text: str) -> bool:
    """Return whether a database can be asked for ``text``: a lone surrogate is in none."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
