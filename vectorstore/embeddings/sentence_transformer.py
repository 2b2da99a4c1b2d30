"""Any model of the sentence-transformers library, by its name or its local path."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from vectorstore.embeddings.base import Embedder, EmbedderOptions, Kind, Vectors
from vectorstore.embeddings.prefixes import prefixes_of
from vectorstore.errors import EmbedderError, MissingExtra

_BATCH = 32
_SAMPLED = 64  # values of each tensor that go into the fingerprint


def load(model: str, options: EmbedderOptions) -> Embedder:
    """Return the embedder of a model's name or local path.

    Raises:
        MissingExtra, EmbedderError: as ``SentenceTransformerEmbedder``.
    """
    if not model:
        raise EmbedderError("QA_EMBEDDER names no model; give a sentence-transformers model's name or local path")
    return SentenceTransformerEmbedder(model)


class SentenceTransformerEmbedder(Embedder):
    """A sentence-transformers model, on a GPU where torch finds one.

    What is put before a question or a passage is what the model's own configuration says (its prompts). An e5 model
    without prompts gets "query: " and "passage: ", which its authors ask for. Texts beyond the model's window are cut
    off by it. Texts run in padded batches: the last digits of a vector can depend on the texts beside it.
    """

    def __init__(self, name: str) -> None:
        """Load the model, from the network if ``name`` is of a hub and not on this machine.

        Raises:
            MissingExtra: sentence-transformers is not installed.
            EmbedderError: there is no such model, or it can't be loaded.
        """
        try:
            from sentence_transformers import SentenceTransformer  # type: ignore[import-not-found, unused-ignore]
        except ImportError as error:
            raise MissingExtra(
                f"the embedder {name!r} is run by sentence-transformers, which is not installed ({error}): "
                'pip install "report-qa[sentence-transformers]", or set QA_EMBEDDER=bundled'
            ) from error
        if _looks_local(name) and not Path(name).is_dir():
            raise EmbedderError(f"there is no embedding model in {name}: that directory doesn't exist")
        try:
            self._model: Any = SentenceTransformer(name)
        except Exception as error:  # whatever a hub, a configuration or a weight file can raise
            raise EmbedderError(
                f"the embedding model {name!r} can't be loaded ({type(error).__name__}: {_first_line(error)}); "
                "give the name of a sentence-transformers model, or the path of one on this machine"
            ) from error
        self._prompts = prefixes_of(name, dict(self._model.prompts or {}))
        self._lock = threading.Lock()  # its tokenizer refuses a second thread
        self.name = name
        self.dimensions = len(self._encode(["。"], "passage")[0])
        self.fingerprint = f"sentence-transformers-{self._hash()}"

    def _encode(self, texts: Sequence[str], kind: Kind) -> Vectors:
        try:
            with self._lock:
                vectors = self._model.encode(
                    list(texts),
                    prompt=self._prompts[kind],
                    batch_size=_BATCH,
                    normalize_embeddings=True,
                    convert_to_numpy=True,
                    show_progress_bar=False,
                )
        except Exception as error:  # torch's errors are RuntimeErrors of many kinds, out of memory among them
            raise EmbedderError(f"the embedding model {self.name!r} failed: {_first_line(error)}") from error
        return np.asarray(vectors, dtype=np.float32)

    def _hash(self) -> str:
        """Return a hash of what makes the vectors: prompts, window, and a sample of every tensor."""
        digest = hashlib.sha256(repr((sorted(self._prompts.items()), self._model.max_seq_length)).encode())
        for name, tensor in sorted(self._model.state_dict().items()):
            flat = tensor.reshape(-1)
            sample = flat[:: max(1, len(flat) // _SAMPLED)].float().cpu().numpy()
            digest.update(f"{name}{tuple(tensor.shape)}".encode() + sample.astype("<f4").tobytes())
        return digest.hexdigest()[:16]


def _looks_local(name: str) -> bool:
    """Whether ``name`` can only be a path: a hub's names have one slash at most, and don't begin with one or a dot."""
    return name.startswith((".", "/", "~", "\\")) or name.count("/") > 1 or "\\" in name


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
