"""Records: rows and back, and their checksums."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from vectorstore.storage.hashes import checksum, document_id
from vectorstore.storage.records import (
    IndexedPassage,
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
