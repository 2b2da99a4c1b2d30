"""The public API: a library and the pipeline over it, opened together, for use from a Python program."""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from qa.pipeline import QA, build, open_library
from qa.settings import load
from qa.types import Answer, Turn
from vectorstore.errors import SourceError
from vectorstore.reading import RawDocument, ReadOptions, read_source
from vectorstore.reading.limits import DEFAULT

if TYPE_CHECKING:
    from vectorstore.library import IngestReport, Library, Progress
    from vectorstore.types import Document, DocumentInfo

StrPath = str | PathLike[str]


def open(data_dir: StrPath | None = None, **settings: object) -> Reports:
    """Open a library, and make it if there is none; close it when done, best in a ``with`` statement.

    Settings come from ``QA_*`` variables and ``.env``, as for the command line; what is given here wins.

    Args:
        data_dir: where the library lives; None for ``QA_DATA_DIR``, else ``data``.
        settings: any field of ``qa.settings.Settings``, such as ``answerer="extractive"``.

    Raises:
        SettingsError: a setting is unknown or out of its bounds.
        LibraryLocked: another process owns the library; if it is a server, its HTTP API answers meanwhile.
        LibraryError, EmbedderError
    """
    resolved = load(**settings) if data_dir is None else load(data_dir=Path(data_dir), **settings)
    library = open_library(resolved)
    try:
        return Reports(library, build(resolved, library))
    except BaseException:
        library.close()
        raise


class Reports:
    """An open library, and the pipeline that answers from it. Threads may share it."""

    def __init__(self, library: Library, pipeline: QA) -> None:
        self.library = library
        """The documents and their indexes."""
        self.pipeline = pipeline
        """From a question to its answer; for streams of events, and for ``qa.integrations``."""

    def ask(
        self,
        question: str,
        history: Sequence[Turn | Answer] = (),
        documents: Sequence[str] | None = None,
        collections: Sequence[str] | None = None,
    ) -> Answer:
        """Return the answer to ``question``, each sentence verified; or an abstention, with its reason.

        Args:
            history: what came before, oldest first. An earlier answer stands for its question and itself.
            documents: names or ids of the documents to look in; None for all.
            collections: names or ids of the collections to look in; None for all. Others might as well not be there.

        Raises:
            UnknownCollection: one of ``collections`` is not in the library.
            BadQuestion: empty, too long, or nothing but punctuation.
            UnknownDocumentAsked: one of ``documents`` is not in the library.
        """
        turns = [turn for entry in history for turn in (_turns(entry) if isinstance(entry, Answer) else (entry,))]
        scope = None if collections is None else self.library.scope(collections)
        return self.pipeline.within(scope).ask(question, turns, documents)

    def ingest(
        self,
        *paths: StrPath,
        progress: Progress | None = None,
        password: str | None = None,
        collections: Sequence[str] | None = None,
    ) -> IngestReport:
        """Add the documents in files and directories; what the library holds already costs nothing.

        Args:
            paths: a file, a directory with files at any depth, or ``.jsonl`` lines of ``{"id", "text", "title"?}``.
            progress: called with the current document's name, characters done and characters of all documents; before
                that, of a scan whose text is recognised, with pages done and pages in all.
            password: of encrypted files.
            collections: names or ids of those to put the documents into (``library.membership`` makes them).

        Returns:
            What was added, replaced and unchanged, and ``failed``: what could not be read, with the reason.

        Raises:
            SourceError: a path can't be read at all; nothing was changed.
            UnknownCollection: one of ``collections`` is not in the library; nothing was changed.
            LibraryError: the library itself failed; documents done by then stay.
        """
        options = self.pipeline.settings.read_options(password, progress)
        documents, failed = read_documents([Path(path) for path in paths], options)
        report = self.library.ingest(documents, progress, collections)
        report.failed[:0] = failed
        return report

    def documents(self) -> list[DocumentInfo]:
        """Return what the library holds, by name."""
        return self.library.documents()

    def document(self, name_or_id: str) -> Document:
        """Return a document whole, with the raw text that the spans of citations count in.

        Raises:
            UnknownDocument: there is none of that name or id.
        """
        return self.library.document(name_or_id)

    def remove(self, name_or_id: str) -> DocumentInfo:
        """Remove a document; return what it was.

        Raises:
            UnknownDocument: there is none of that name or id.
        """
        return self.library.remove(name_or_id)

    def close(self) -> None:
        """Close the library and let others have it; again does nothing."""
        self.library.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


def read_documents(
    paths: Sequence[Path], options: ReadOptions = DEFAULT
) -> tuple[list[RawDocument], list[tuple[str, str]]]:
    """Return the documents of files and directories, and the name and fault of each that can't be taken.

    Of two documents with one name and different texts the second fails: it would replace the first unseen.

    Raises:
        SourceError: a path can't be read at all. A bad file of a directory doesn't stop the others.
    """
    documents: dict[str, RawDocument] = {}
    failed: list[tuple[str, str]] = []

    def refuse(error: SourceError) -> None:
        failed.append((str(error), str(error)))

    for path in paths:
        for document in read_source(path, on_error=refuse if path.is_dir() else None, options=options):
            first = documents.setdefault(document.name, document)
            if first.sha256 != document.sha256:
                message = f"{path} holds another document called {document.name!r}; ingest one at a time, or rename one"
                failed.append((document.name, message))
    return list(documents.values()), failed


def _turns(answer: Answer) -> tuple[Turn, Turn]:
    return Turn(role="user", content=answer.question), Turn(role="assistant", content=answer.answer)
