"""The library that a run asks: the current one, or a temporary one made from a path of documents."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from qa.pipeline import configured_embedder
from qa.settings import Settings
from vectorstore.embeddings import Embedder
from vectorstore.library import Library
from vectorstore.reading import RawDocument

from ..datasets.documents import print_left_out, read
from ..errors import DoesNotFit
from .vector_cache import CachedEmbedder

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Corpus:
    """An open library with the raw text of each of its documents, by name."""

    library: Library
    texts: Mapping[str, str]

    @property
    def names(self) -> list[str]:
        return sorted(self.texts)

    @property
    def sha256(self) -> str:
        return fingerprint(self.texts)


def fingerprint(texts: Mapping[str, str]) -> str:
    """Return a SHA-256 over documents' names and texts: equal for two runs over the same documents."""
    digest = hashlib.sha256()
    for name in sorted(texts):
        digest.update(f"{name}\0{hashlib.sha256(texts[name].encode()).hexdigest()}\n".encode())
    return digest.hexdigest()


def embedder_of(settings: Settings, cache: Path | None = None, queries: bool = False) -> Embedder:
    """Return the configured embedder, remembering passages (and ``queries``) in ``cache`` when one is given."""
    embedder = configured_embedder(settings)
    return CachedEmbedder(embedder, cache, queries) if cache else embedder


@contextmanager
def temporary(
    documents: Sequence[RawDocument],
    settings: Settings,
    embedder: Embedder,
    progress: Progress | None = None,
    left_out: Callable[[str], None] | None = None,
) -> Iterator[Corpus]:
    """Open a new library of ``documents`` in a temporary folder, removed in the end.

    Args:
        left_out: called with what is wrong with a document that can't be taken in, which is then left out.

    Raises:
        DoesNotFit: a document could not be taken in; the scores would be of something else than was asked for.
    """
    with (
        tempfile.TemporaryDirectory(prefix="qa-eval-", ignore_cleanup_errors=True) as folder,
        Library.open(Path(folder), embedder, chunk_chars=settings.chunk_chars) as library,
    ):
        report = library.ingest(documents, progress=progress)
        failed = dict(report.failed)
        if left_out is not None and len(failed) < len(documents):
            for name, message in failed.items():
                left_out(f"{name}: {message}")
        elif failed:
            name, message = report.failed[0]
            raise DoesNotFit(f"{len(report.failed)} of {len(documents)} documents can't be indexed; {name}: {message}")
        taken = {document.name: document.text for document in documents if document.name not in failed}
        yield Corpus(library, taken)


@contextmanager
def from_path(
    path: Path, settings: Settings, cache: Path | None = None, progress: Progress | None = None
) -> Iterator[Corpus]:
    """Open a temporary library of everything that ``path`` holds, with the configured settings.

    What can't be read or indexed is named on standard error, and left out, as long as anything is left.

    Raises:
        SourceError, DoesNotFit: nothing is.
    """
    documents = read(path, settings.read_options(progress=progress))
    with temporary(documents, settings, embedder_of(settings, cache), progress, print_left_out) as corpus:
        yield corpus


@contextmanager
def current(settings: Settings) -> Iterator[Corpus]:
    """Open the configured library.

    Raises:
        DoesNotFit: it holds no document.
    """
    embedder = embedder_of(settings)
    with Library.open(
        settings.data_dir,
        embedder,
        chunk_chars=settings.chunk_chars,
        database_url=settings.postgres_url,
        chroma_url=settings.chroma_url,
    ) as library:
        names = [info.name for info in library.documents()]
        if not names:
            raise DoesNotFit(
                f"the library in {settings.data_dir} is empty; run `qa ingest PATH` or give --documents PATH"
            )
        yield Corpus(library, {name: library.document(name).text for name in names})
