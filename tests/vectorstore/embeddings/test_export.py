"""The bundled model as a sentence-transformers directory, read back without torch."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import numpy as np
import pytest
from tokenizers import Tokenizer

from vectorstore.embeddings.bundled.embedder import BundledEmbedder
from vectorstore.embeddings.bundled.export import export
from vectorstore.embeddings.bundled.weights import Weights
from vectorstore.errors import EmbedderError


def _header(path: Path) -> tuple[dict[str, dict[str, list[int]]], int]:
    with path.open("rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        return json.loads(file.read(length)), 8 + length


def test_tensors_lie_side_by_side_and_hold_the_weights(exported: Path, weights: Weights) -> None:
    path = exported / "model.safetensors"
    header, start = _header(path)
    assert header.pop("__metadata__") == {"format": "pt"}
    assert len(header) == 5 + 12 * 16 + 2
    at = 0
    for tensor in header.values():
        begin, end = tensor["data_offsets"]
        assert begin == at
        assert end - begin == 4 * np.prod(tensor["shape"])
        at = end
    assert path.stat().st_size == start + at
    data = np.memmap(path, dtype="<f4", mode="r", offset=start)
    for name, expected in {
        "embeddings.word_embeddings.weight": weights.linear("emb.word", 384)[-5:],
        "encoder.layer.11.output.dense.weight": weights.linear("l11.fo.w", 1536)[-5:],
        "encoder.layer.0.attention.self.key.bias": weights.floats("l0.k.b"),
        "encoder.layer.5.attention.output.LayerNorm.weight": weights.floats("l5.aln.w"),
    }.items():
        begin, end = (offset // 4 for offset in header[name]["data_offsets"])
        assert np.array_equal(data[begin:end].reshape(header[name]["shape"])[-len(expected) :], expected)


def test_the_tokenizer_puts_special_tokens_around_the_same_tokens(exported: Path, bundled: BundledEmbedder) -> None:
    tokenizer = Tokenizer.from_file(str(exported / "tokenizer.json"))
    text = "passage: 二〇二一年，Ａ村～Ｂ村 3 公里。"
    assert tokenizer.encode(text).ids == [0, *bundled.tokens(text), 2]


def test_a_directory_in_use_is_refused(tmp_path: Path) -> None:
    (tmp_path / "keep.txt").write_text("mine")
    with pytest.raises(EmbedderError, match="there already"):
        export(tmp_path)
    with pytest.raises(EmbedderError, match="there already"):
        export(tmp_path / "keep.txt")
    assert (tmp_path / "keep.txt").read_text() == "mine"


def test_a_place_that_cant_be_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(EmbedderError, match="can't be written"):
        export(tmp_path / "file" / "model")
