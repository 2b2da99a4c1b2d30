"""The catalogue's vectors: of passages in their context, for the dense index, and of their bare sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from vectorstore.storage import records
from vectorstore.storage.database import Database
from vectorstore.storage.records import VectorBatch, Vectors
from vectorstore.storage.rows import in_chunks, verify

_BATCH = (
    "SELECT p.id, d.id, v.vector, v.sentences, v.crc FROM passages p JOIN documents d ON d.key = p.document "
    "JOIN vectors v ON v.passage = p.id"
)


class StoredVectors:
    """Reads the catalogue's vectors; each comes with a checksum that is verified.

    Every method raises LibraryBroken when one is damaged.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def batches(self, after: int = 0, size: int = 1000) -> Iterator[VectorBatch]:
        """Yield what the dense index holds, in the order of passage ids."""
        while True:
            with self._database.read() as connection:
                rows = connection.execute(f"{_BATCH} WHERE p.id > ? ORDER BY p.id LIMIT ?", (after, size)).fetchall()
            if not rows:
                return
            yield self._batch(rows)
            after = rows[-1][0]

    def sample(self, count: int) -> dict[int, Vectors]:
        """Return about ``count`` passage vectors from the whole range of ids, the first and the last among them."""
        with self._database.read() as connection:
            first, last = connection.execute("SELECT min(id), max(id) FROM passages").fetchone()
            if first is None:
                return {}
            ids = [
                connection.execute("SELECT min(id) FROM passages WHERE id >= ?", (int(at),)).fetchone()[0]
                for at in np.linspace(first, last, count)
            ]
        return self.of_passages(sorted(set(ids)))

    def of_document(self, document_id: str) -> VectorBatch:
        """Return the passage vectors of one document."""
        with self._database.read() as connection:
            rows = connection.execute(f"{_BATCH} WHERE d.id = ? ORDER BY p.id", (document_id,)).fetchall()
        return self._batch(rows)

    def of_passages(self, ids: Sequence[int]) -> dict[int, Vectors]:
        """Return the vectors in context of those of ``ids`` that are passages, (dimensions,) each."""
        return {id: records.load_vector(vector) for id, vector, _ in self._rows(ids)}

    def of_sentences(self, ids: Sequence[int]) -> dict[int, Vectors]:
        """Return the vectors of the sentences of those of ``ids`` that are passages, (sentences, dimensions) each."""
        rows = self._rows(ids)
        return {id: records.load_sentence_vectors(sentences, len(vector) // 4) for id, vector, sentences in rows}

    def _rows(self, ids: Sequence[int]) -> list[tuple[int, bytes, bytes]]:
        query = "SELECT passage, vector, sentences, crc FROM vectors WHERE passage IN ({})"
        with self._database.read() as connection:
            rows = list(in_chunks(connection, query, ids))
        for id, vector, sentences, crc in rows:
            verify(self._database, crc, f"the vectors of passage {id}", vector, sentences)
        return [(id, vector, sentences) for id, vector, sentences, _ in rows]

    def _batch(self, rows: list[tuple[int, str, bytes, bytes, int]]) -> VectorBatch:
        for id, _, vector, sentences, crc in rows:
            verify(self._database, crc, f"the vectors of passage {id}", vector, sentences)
        vectors = [records.load_vector(row[2]) for row in rows]
        matrix = np.stack(vectors) if vectors else np.empty((0, 0), dtype=np.float32)
        return VectorBatch([row[0] for row in rows], [row[1] for row in rows], matrix)
