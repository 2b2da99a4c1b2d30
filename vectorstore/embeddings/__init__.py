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
    "adopt_models",
    "export_bundled",
    "load_embedder",
    "load_reader_encoder",
    "remove_unused_readers",
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


def remove_unused_readers(cache_dir: Path) -> None:
    """Remove what ``cache_dir`` keeps for readers that no process uses: those of other versions, or other weights.

    For whoever has loaded all readers that it uses.
    """
    from vectorstore.embeddings.bundled import kept

    kept.sweep(cache_dir, kept.READER)


def adopt_models(data_dir: Path, cache_dir: Path) -> None:
    """Move models into ``cache_dir`` that earlier versions kept in ``data_dir`` itself."""
    from vectorstore.embeddings.bundled import kept

    kept.adopt(data_dir, cache_dir)


def export_bundled(directory: Path) -> None:
    """Write the bundled embedder into ``directory`` as a sentence-transformers model.

    Raises:
        EmbedderError: its weights can't be read, or the directory can't be written.
    """
    from vectorstore.embeddings.bundled.export import export  # loads onnx

    export(directory)
