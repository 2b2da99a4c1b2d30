"""The exact search over vectors, without Chroma."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from vectorstore.indexes.dense import exact, normalised
from vectorstore.storage.records import VectorBatch


@given(arrays(np.float32, (12, 4), elements=st.floats(-1, 1, width=32)), st.integers(1, 15))
def test_the_exact_search_is_exact(matrix: np.ndarray, k: int) -> None:
    batches = [VectorBatch([1, 2, 3, 4, 5], ["a"] * 5, matrix[:5]), VectorBatch([], [], matrix[:0]),
               VectorBatch([6, 7, 8, 9, 10, 11, 12], ["b"] * 7, matrix[5:])]  # fmt: skip
    vector = normalised(np.array([1, 2, 3, 4]), 4)
    hits = exact(batches, vector, k)
    scores = np.sort(matrix @ vector)[::-1][:k]
    assert sorted((hit.score for hit in hits), reverse=True) == pytest.approx(scores.tolist(), abs=1e-5)
    assert len({hit.passage_id for hit in hits}) == min(k, 12)
    assert exact([], vector, k) == []
