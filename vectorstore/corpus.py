"""What questions are asked of: a library, or the part of it that a caller may see."""

from __future__ import annotations

from collections.abc import Collection as Ids
from collections.abc import Iterable, Sequence
from typing import Protocol

from numpy import float64
from numpy.typing import NDArray

from vectorstore.embeddings import Embedder
from vectorstore.indexes.directory import Directory
from vectorstore.ingestion.swaps import Swaps
from vectorstore.places import PagePlace
from vectorstore.storage.collections import Scope
from vectorstore.storage.records import Vectors
from vectorstore.text.language import Language
from vectorstore.types import Collection, Document, DocumentInfo, Hit, Span, StoredPassage


class Corpus(Protocol):
    """Documents and passages, read and searched. See :class:`vectorstore.library.Library` for what each method does.

    Everything that answers questions is given one, and has no other way to a document: what isn't in it is not found,
    not counted and not named.
    """

    @property
    def embedder(self) -> Embedder: ...

    @property
    def swaps(self) -> Swaps: ...

    @property
    def generation(self) -> int: ...

    @property
    def fingerprint(self) -> str: ...

    @property
    def directory(self) -> Directory: ...

    def documents(self) -> list[DocumentInfo]: ...

    def document_info(self, name_or_id: str, to_change: bool = False) -> DocumentInfo: ...

    def document(self, name_or_id: str) -> Document: ...

    def document_by_id(self, id: str) -> Document: ...

    def places(self, document_id: str, spans: Iterable[Span]) -> tuple[PagePlace, ...]: ...

    def passages(self, ids: Sequence[int], having: str = "") -> list[StoredPassage]: ...

    def passages_of(self, document_id: str, most: int | None = None) -> list[StoredPassage]: ...

    def sentence_vectors(self, ids: Sequence[int]) -> dict[int, Vectors]: ...

    def passage_vectors(self, ids: Sequence[int]) -> dict[int, Vectors]: ...

    def question_vectors(self, texts: Sequence[str], language: Language | None = None) -> Vectors: ...

    def dense(
        self, vector: Vectors, k: int, documents: Sequence[str] | None = None, without: Ids[str] = ()
    ) -> list[Hit]: ...

    def lexical(
        self, query: str, k: int, documents: Sequence[str] | None = None, without: Ids[str] = ()
    ) -> list[Hit]: ...

    def idf(self, terms: Sequence[str]) -> NDArray[float64]: ...

    def within(self, scope: Scope) -> Corpus: ...

    def scope(self, collections: Sequence[str]) -> Scope: ...

    def collections(self) -> list[Collection]: ...

    def collections_of(self, document_ids: Sequence[str]) -> dict[str, list[str]]: ...


__all__ = ["Corpus", "Scope"]
