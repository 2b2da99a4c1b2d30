"""Which columns of a table's row are quoted: those that the reader takes for what is asked, where it is sure."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from qa.ranking.base import Floats
from qa.reader.inputs import cut
from qa.reader.model import Reader
from qa.reader.rows import ReadRow, asked_words, read_row
from vectorstore.text.tables import quoted_row
from vectorstore.text.years import years
from vectorstore.types import StoredPassage

AT_ONCE, PARTS = 6, 4
"""Cells that are read together, and how many times as many a row may have."""
ROWS = 3
"""Rows of which cells are read: a quotation is of one or two."""
NEAR = 1.5
"""Cells whose log-odds are that near the best one's are quoted too."""
LEAST = 0.0
"""Log-odds of the best cell of a row that is cut though the question names none of its columns."""


class ColumnChooser:
    """Reads the cells of the best rows, each as a sentence, for one question."""

    def __init__(self, reader: Reader, question: str) -> None:
        self._reader = reader
        self._question = question

    def choose(self, passages: Sequence[StoredPassage], scores: Floats) -> dict[int, frozenset[int]]:
        """Return the columns to quote of the best sentences that are rows, by the number of the sentence.

        Args:
            scores: of all sentences of ``passages``, in their order.

        Raises:
            RankerError: the encoder failed.
        """
        places = [(stored, index) for stored in passages for index in range(len(stored.passage.sentences))]
        asked = asked_words(self._question)
        found = {}
        for number in np.argsort(-scores, kind="stable")[:ROWS].tolist():
            stored, index = places[number]
            row = read_row(stored.passage.sentences[index].text, asked)
            if row is not None and row.columns and (kept := self._kept(stored, row)):
                found[number] = frozenset({*row.labels, *kept}) - (row.remarks(asked) if row.is_named else frozenset())
        return found

    def _kept(self, stored: StoredPassage, row: ReadRow) -> list[int]:
        """Return the columns of figures that are asked for; none where that isn't sure."""
        if len(row.columns) == 1:
            return list(row.columns) if row.is_named else []
        parts = [row.cells[start : start + AT_ONCE] for start in range(0, len(row.columns), AT_ONCE)][:PARTS]
        pieces = [cut(self._reader.tokens, self._question, "", stored.title, stored.passage.section, p) for p in parts]
        if len(row.columns) > AT_ONCE * PARTS or not all(piece.fit(piece.room) for piece in pieces):
            return list(row.columns) if row.is_named else []
        log_odds = np.concatenate(self._reader.log_odds([piece.joined(0, piece.room) for piece in pieces]))
        best = float(log_odds.max())
        if not row.is_named and best < LEAST:
            return []
        asked = self._compared(row)
        return [c for c, one in zip(row.columns, log_odds, strict=True) if one > best - NEAR or c in asked]

    def _compared(self, row: ReadRow) -> frozenset[int]:
        """Return the columns of the years that the question asks about, where it asks about several."""
        asked, quoted = years(self._question), quoted_row(row.quoted)
        if len(asked) < 2 or quoted is None:
            return frozenset()
        return frozenset(column for column in row.columns if asked & years(quoted.header[column]))
