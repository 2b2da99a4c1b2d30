"""The catalogue's vectors: of passages in their context, for the dense index, and of their bare sentences."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

import numpy as np

from vectorstore.storage import records
from vectorstore.storage.database import Database
from vectorstore.storage.records import VectorBatch, Vectors
from vectorstore.storage.rows import in_chunks, verify
from vectorstore.storage.tables import Row, bindparam, documents, func, passages, select, vectors

_BATCH = (
    select(passages.c.id, documents.c.id, vectors.c.vector, vectors.c.sentences, vectors.c.crc)
    .select_from(
        passages.join(documents, documents.c.key == passages.c.document).join(
            vectors, vectors.c.passage == passages.c.id
        )
    )
    .order_by(passages.c.id)
)
_NEXT_BATCH = _BATCH.where(passages.c.id > bindparam("after")).limit(bindparam("size"))
_SOME = select(vectors.c.passage, vectors.c.vector, vectors.c.sentences, vectors.c.crc).where(
    vectors.c.passage.in_(bindparam("some", expanding=True))
)
_THERE = select(passages.c.id).where(passages.c.id.in_(bindparam("some", expanding=True)))


class StoredVectors:
    """Reads the catalogue's vectors; each comes with a checksum that is verified.

    Every method raises LibraryBroken when one is damaged.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def batches(self, after: int = 0, size: int = 1000) -> Iterator[VectorBatch]:
        """Yield what the dense index holds, in the order of passage ids."""
        while True:
            found = self._database.rows(_NEXT_BATCH, {"after": after, "size": size})
            if not found:
                return
            yield self._batch(found)
            after = found[-1][0]

    def sample(self, count: int) -> dict[int, Vectors]:
        """Return about ``count`` passage vectors from the whole range of ids, the first and the last among them."""
        with self._database.read() as connection:
            first, last = connection.execute(select(func.min(passages.c.id), func.max(passages.c.id))).one()
            if first is None:
                return {}
            ids = [
                connection.execute(select(func.min(passages.c.id)).where(passages.c.id >= int(at))).scalar_one()
                for at in np.linspace(first, last, count)
            ]
        return self.of_passages(sorted(set(ids)))

    def of_document(self, document_id: str) -> VectorBatch:
        """Return the passage vectors of one document."""
        return self._batch(self._database.rows(_BATCH.where(documents.c.id == document_id)))

    def of_passages(self, ids: Sequence[int]) -> dict[int, Vectors]:
        """Return the vectors in context of those of ``ids`` that are passages, (dimensions,) each."""
        return {id: records.load_vector(vector) for id, vector, _ in self._rows(ids)}

    def of_both(self, ids: Sequence[int]) -> dict[int, tuple[Vectors, Vectors]]:
        """Return the same, each with the vectors of the passage's bare sentences, (sentences, dimensions)."""
        return {
            id: (records.load_vector(vector), records.load_sentence_vectors(sentences, len(vector) // 4))
            for id, vector, sentences in self._rows(ids)
        }

    def _rows(self, ids: Sequence[int]) -> list[tuple[int, bytes, bytes]]:
        found = list(in_chunks(self._database, _SOME, ids))
        for id, vector, sentences, crc in found:
            verify(self._database, crc, f"the vectors of passage {id}", vector, sentences)
        self._refuse_missing({*ids}.difference(row[0] for row in found))
        return [(id, vector, sentences) for id, vector, sentences, _ in found]

    def _refuse_missing(self, ids: Collection[int]) -> None:
        """Raise LibraryBroken when one of ``ids`` is still a passage: a damaged table may hide rows."""
        for row in in_chunks(self._database, _THERE, list(ids)):
            raise self._database.broken(f"the vectors of passage {row[0]} are missing")

    def _batch(self, rows: Sequence[Row]) -> VectorBatch:
        for id, _, vector, sentences, crc in rows:
            verify(self._database, crc, f"the vectors of passage {id}", vector, sentences)
        stacked = [records.load_vector(row[2]) for row in rows]
        matrix = np.stack(stacked) if stacked else np.empty((0, 0), dtype=np.float32)
        return VectorBatch([row[0] for row in rows], [row[1] for row in rows], matrix)
