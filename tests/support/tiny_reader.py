"""A reader's weights and calibration, made up: small random differences of one layer, and a head that is drawn too."""

from __future__ import annotations

import hashlib
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qa.ranking.reader.calibration import SIGNALS
from vectorstore.embeddings.bundled.differences import FORMAT
from vectorstore.embeddings.bundled.weights import weight_file, weight_hash

HIDDEN, LAYER = 384, 11


def save_tiny_reader(path: Path, size: float = 0.002, **header: object) -> Path:
    """Write weights to ``path``, and the calibration that belongs to them beside it; return ``path``.

    Args:
        size: of a step of the differences; 0 for none.
        header: what the header says instead.
    """
    random = np.random.default_rng(5)
    says = {"format": FORMAT, "bits": 4, "base": {"weights": weight_hash(weight_file())}, **header}
    matrix = f"layers.{LAYER}.query.weight"
    arrays: dict[str, NDArray[Any]] = {
        "header": np.frombuffer(json.dumps(says).encode(), dtype=np.uint8),
        f"{matrix}.q": random.integers(0, 256, HIDDEN * HIDDEN // 2, dtype=np.uint8),
        f"{matrix}.scale": np.full(HIDDEN, size, dtype=np.float16),
        f"layers.{LAYER}.norm.bias": (size * random.normal(size=HIDDEN)).astype(np.float16),
        "head.weight": random.normal(size=(1, 2 * HIDDEN)).astype(np.float32),
        "head.bias": np.array([-0.5], dtype=np.float32),
    }
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    path.write_bytes(buffer.getvalue())
    save_calibration(path.with_suffix(".json"), hashlib.sha256(buffer.getvalue()).hexdigest())
    return path


def save_calibration(path: Path, weights_hash: str, **changes: object) -> None:
    """Write a calibration by which only the reader's and the linear model's log-odds count."""
    signals = dict.fromkeys(SIGNALS, 0.0) | {"reader": 0.5, "linear": 0.5}
    value = {"weights_sha256": weights_hash, "rank": {"reader": 1.0, "linear": 0.5}, "signals": signals, "offset": 0.0}
    path.write_text(json.dumps(value | changes), encoding="utf-8")
