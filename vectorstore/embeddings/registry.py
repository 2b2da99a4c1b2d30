"""The registry of embedders: which module loads the embedder that ``QA_EMBEDDER`` names.

A new one is a module with a function like those below, and one line in ``LOADERS``. Importing such a module must be
cheap: what runs the model is imported when one is loaded.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from vectorstore.embeddings import bundled, openai, sentence_transformer
from vectorstore.embeddings.base import Embedder, EmbedderOptions
from vectorstore.errors import EmbedderError

if TYPE_CHECKING:
    from pydantic import SecretStr

BUNDLED = "bundled"
SENTENCE_TRANSFORMERS = "sentence-transformers"

Loader = Callable[[str, EmbedderOptions], Embedder]
"""Gets the model's name, which is empty when none was given, and loads it; raises EmbedderError."""

LOADERS: dict[str, Loader] = {
    BUNDLED: bundled.load,
    "openai": openai.load,
    SENTENCE_TRANSFORMERS: sentence_transformer.load,
}
"""By what stands before the colon. A name without one of these is a sentence-transformers model."""

_SCHEME = re.compile(r"[a-z][a-z0-9_+-]+", re.IGNORECASE)  # at least two letters: C:\models is a path


def load_embedder(
    name: str, cache_dir: Path, *, base_url: str | None = None, api_key: SecretStr | None = None
) -> Embedder:
    """Return the embedder called ``name``.

    Args:
        name: "bundled"; "openai:MODEL"; or a sentence-transformers model's name or local path, which may follow
            "sentence-transformers:".
        cache_dir: keeps what is made once from the bundled weights; created when needed.
        base_url: of an OpenAI-compatible endpoint, up to and with ``/v1``; None for OpenAI's own.
        api_key: for that endpoint; None if it asks for none.

    Raises:
        MissingExtra: ``name`` needs sentence-transformers, which is not installed.
        EmbedderError: there is no such embedder, or it can't be loaded or reached.
    """
    scheme, colon, model = name.partition(":")
    if scheme not in LOADERS:
        if colon and _SCHEME.fullmatch(scheme):
            raise EmbedderError(
                f"QA_EMBEDDER is {name!r}, and there is no kind of embedder {scheme!r}; give bundled, openai:MODEL, "
                "or the name or local path of a sentence-transformers model"
            )
        scheme, model = SENTENCE_TRANSFORMERS, name
    return LOADERS[scheme](model, EmbedderOptions(cache_dir, base_url, api_key))
