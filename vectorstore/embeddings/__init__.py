"""Texts to vectors: the embedders, and the registry that loads one by its name."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from vectorstore.embeddings.base import Embedder, Kind, Vectors
from vectorstore.embeddings.registry import BUNDLED, load_embedder

if TYPE_CHECKING:
    from vectorstore.embeddings.bundled.token_encoder import TokenEncoder

__all__ = [
    "BUNDLED",
    "Embedder",
    "Kind",
    "TokenEncoder",
    "Vectors",
    "export_bundled",
    "load_embedder",
    "load_reader_encoder",
]


def load_reader_encoder(differences: Path, cache_dir: Path) -> TokenEncoder:
    """Return the bundled model with the differences of a training in it.

    Args:
        differences: the file that ``python -m eval.training.reader pack`` writes.
        cache_dir: keeps the model that is made of it once; created when needed.

    Raises:
        EmbedderError: the file is missing, damaged, or made for other weights, or the model can't be run.
    """
    from vectorstore.embeddings.bundled.token_encoder import TokenEncoder

    return TokenEncoder(differences, cache_dir)


def export_bundled(directory: Path) -> None:
    """Write the bundled embedder into ``directory`` as a sentence-transformers model.

    Raises:
        EmbedderError: its weights can't be read, or the directory can't be written.
    """
    from vectorstore.embeddings.bundled.export import export  # loads onnx

    export(directory)
