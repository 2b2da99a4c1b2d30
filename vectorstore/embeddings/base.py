"""The interface of embedders: texts in, unit vectors out. It is LangChain's interface too."""

from __future__ import annotations

import re
import sys
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from langchain_core.embeddings import Embeddings
    from pydantic import SecretStr
else:
    # Importing LangChain takes longer than loading the bundled model, and its interface has nothing that isn't below.
    # Once LangChain is imported, embedders count as its Embeddings: see __new__.
    Embeddings = ABC

Kind = Literal["query", "passage"]
Vectors = NDArray[np.float32]

_UNENCODABLE = re.compile("[\x00\ud800-\udfff]")


def clean(text: str) -> str:
    """Return ``text`` with NULs and lone surrogates replaced by U+FFFD: no engine can be given either of them."""
    return _UNENCODABLE.sub("\N{REPLACEMENT CHARACTER}", text)


@dataclass(frozen=True, slots=True)
class EmbedderOptions:
    """What the loaders of embedders may need beside a model's name; see ``load_embedder``."""

    cache_dir: Path
    base_url: str | None = None
    api_key: SecretStr | None = None


class Embedder(Embeddings):
    """Turns texts into vectors of unit length. Threads may share one.

    A subclass sets the three attributes and implements ``encode`` for cleaned texts through ``_encode``.
    """

    name: str
    """What was asked for, as ``load_embedder`` takes it."""
    fingerprint: str
    """Changes whenever the vectors for a text would: an index and a cache remember it."""
    dimensions: int

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        langchain = sys.modules.get("langchain_core.embeddings.embeddings")
        if langchain is not None:
            langchain.Embeddings.register(Embedder)
        return super().__new__(cls)

    @abstractmethod
    def _encode(self, texts: Sequence[str], kind: Kind) -> Vectors:
        """Return one unit row for each of ``texts``, of which there is at least one, all of them encodable."""

    def encode(self, texts: Sequence[str], kind: Kind) -> Vectors:
        """Return the vectors of ``texts``, shape (len(texts), dimensions), float32, rows of unit length.

        Any string will do: NULs and lone surrogates are replaced, the empty text has a vector, a text beyond the
        model's window is handled whole. A question is of another ``kind`` than what is searched.

        Raises:
            EmbedderError: the model failed.
        """
        if not texts:
            return np.empty((0, self.dimensions), dtype=np.float32)
        return self._encode([clean(text) for text in texts], kind)

    def warm_up(self) -> None:
        """Do once what the first call would otherwise wait for. Safe to run in another thread, or never."""
        self.encode(["。"], "query")

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """LangChain's name for ``encode(texts, "passage")``."""
        rows: list[list[float]] = self.encode(texts, "passage").tolist()
        return rows

    def embed_query(self, text: str) -> list[float]:
        """LangChain's name for ``encode([text], "query")[0]``."""
        row: list[float] = self.encode([text], "query")[0].tolist()
        return row

    async def aembed_documents(self, texts: list[str]) -> list[list[float]]:
        """``embed_documents`` in another thread."""
        import asyncio

        return await asyncio.to_thread(self.embed_documents, texts)

    async def aembed_query(self, text: str) -> list[float]:
        """``embed_query`` in another thread."""
        import asyncio

        return await asyncio.to_thread(self.embed_query, text)
