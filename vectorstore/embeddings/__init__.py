"""Embedders: the bundled multilingual-e5-small, and any sentence-transformers model."""

from __future__ import annotations

from pathlib import Path

from vectorstore.embeddings.base import Embedder, Kind, Vectors

__all__ = ["Embedder", "Kind", "Vectors", "load_embedder"]


def load_embedder(name: str, cache_dir: Path) -> Embedder:
    """Return the embedder called ``name``: "bundled", or a sentence-transformers model's name or local path.

    ``cache_dir`` keeps what is made once from the bundled weights; it is created when needed.

    Raises:
        MissingExtra: ``name`` needs sentence-transformers, which is not installed.
        EmbedderError: there is no such model, or it can't be loaded.
    """
    if name == "bundled":
        from vectorstore.embeddings.nano import NanoEmbedder

        return NanoEmbedder()
    from vectorstore.errors import EmbedderError

    raise EmbedderError(f"there is no embedder {name!r}: use 'bundled'")
