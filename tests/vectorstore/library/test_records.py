"""Rows and back, passages in context, and the exact search."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from vectorstore.indexes.dense import exact, normalised
from vectorstore.ingestion.context import context, in_context
from vectorstore.storage.records import (
    IndexedPassage,
    VectorBatch,
    checksum,
    document_id,
    dump_blocks,
    dump_spans,
    dump_vectors,
    load_blocks,
    load_passage,
    load_sentence_vectors,
    load_vector,
)
from vectorstore.types import Block, BlockKind, Passage, Sentence, Spans, cut

RAW = "今年新修水渠。灌溉农田！\n\n图1 水渠\n建小学两所，招生八百人。今年新修水渠。" * 3
edges = st.tuples(st.integers(0, len(RAW)), st.integers(0, len(RAW))).map(lambda pair: (min(pair), max(pair)))
spans = st.lists(edges, min_size=1, max_size=3).map(tuple)


@st.composite
def passages(draw: st.DrawFn) -> Passage:
    """Any passage whose pieces are cut from RAW; its sentences may lie anywhere, even outside its own text."""
    own: Spans = draw(spans)
    sentences = [Sentence(cut(RAW, its), its) for its in draw(st.lists(spans, max_size=4))]
    kind = draw(st.sampled_from([BlockKind.PARAGRAPH, BlockKind.CAPTION]))
    return Passage(draw(st.integers(0, 99)), kind, draw(st.text(max_size=9)), cut(RAW, own), own, tuple(sentences))


@given(passages())
def test_passages_come_back_whole(passage: Passage) -> None:
    row = (passage.ordinal, str(passage.kind), passage.section, passage.text, dump_spans(passage))
    assert load_passage(*row) == passage


@given(st.lists(st.tuples(st.sampled_from(BlockKind), spans, st.integers(0, 6)), max_size=5))
def test_blocks_come_back_whole(parts: list[tuple[BlockKind, Spans, int]]) -> None:
    blocks = tuple(Block(kind, cut(RAW, its), its, level) for kind, its, level in parts)
    assert load_blocks(dump_blocks(blocks)) == blocks


@given(arrays(np.float32, (3, 8), elements=st.floats(-1, 1, width=32)))
def test_vectors_come_back(matrix: np.ndarray) -> None:
    indexed = IndexedPassage(Passage(0, BlockKind.PARAGRAPH, "", "", (), ()), matrix[0], matrix[1:])
    vector, sentences = dump_vectors(indexed)
    np.testing.assert_array_equal(load_vector(vector), matrix[0])
    np.testing.assert_allclose(load_sentence_vectors(sentences, 8), matrix[1:], atol=1e-3)


@given(st.lists(st.text(), min_size=1, max_size=4), st.data())
def test_a_checksum_sees_every_change(parts: list[str], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(parts) - 1))
    other = data.draw(st.text().filter(lambda text: text != parts[at]))
    assert checksum(*parts) != checksum(*parts[:at], other, *parts[at + 1 :])
    assert checksum("ab", "c") != checksum("a", "bc")


def test_a_documents_id_is_a_matter_of_its_name() -> None:
    assert document_id("a.txt") == document_id("a.txt") != document_id("b.txt")
    assert len(document_id("\ud800")) == 16


def test_context_is_title_and_section() -> None:
    assert context("报告", "乡村振兴 / 产业") == "报告\n乡村振兴 / 产业"
    assert context("", "产业") == "产业"
    assert context("", "") == ""
    assert len(context("题" * 1000, "节" * 1000)) < 300


def test_a_passages_vector_lies_between_its_sentences_and_its_context() -> None:
    one, two, above = np.eye(3, dtype=np.float32)
    alone = in_context(None, np.stack([one, two]), [10, 10])
    np.testing.assert_allclose(alone, (one + two) / np.sqrt(2), atol=1e-6)
    uneven = in_context(None, np.stack([one, two]), [40, 10])
    np.testing.assert_allclose(uneven, (2 * one + two) / np.sqrt(5), atol=1e-6)
    below = in_context(above, np.stack([one, two]), [10, 10])
    assert below.dtype == np.float32
    assert np.linalg.norm(below) == pytest.approx(1)
    assert below[2] > below[0] == below[1] > 0


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
