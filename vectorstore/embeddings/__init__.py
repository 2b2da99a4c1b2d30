"""Texts to vectors: the embedders, and the registry that loads one by its name."""

from __future__ import annotations

from pathlib import Path

from vectorstore.embeddings.base import Embedder, Kind, Vectors
from vectorstore.embeddings.registry import BUNDLED, load_embedder

__all__ = ["BUNDLED", "Embedder", "Kind", "Vectors", "export_bundled", "load_embedder"]


def export_bundled(directory: Path) -> None:
    """Write the bundled embedder into ``directory`` as a sentence-transformers model.

    Raises:
        EmbedderError: its weights can't be read, or the directory can't be written.
    """
    from vectorstore.embeddings.bundled.export import export  # loads onnx

    export(directory)
