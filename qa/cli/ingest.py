"""``qa ingest``: files and directories into the library."""

from __future__ import annotations

import json as json_module
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from qa.cli import output
from qa.cli.failure import print_error
from qa.pipeline import open_library
from qa.settings import load

if TYPE_CHECKING:
    from vectorstore.reading import RawDocument


def ingest(paths: Sequence[Path], rebuild: bool, json: bool) -> int:
    """Ingest, say what became of each document, and return the exit status: 1 when one failed.

    Raises:
        SourceError: a path can't be read at all; nothing was changed.
        LibraryLocked: a server or another command owns the library.
        LibraryError, EmbedderError
    """
    settings = load()
    failed: list[tuple[str, str]] = []
    documents = _read(paths, failed)
    with output.progress_bar(output.err(), "opening the library") as progress:
        library = open_library(settings, rebuild=rebuild, progress=progress)
        with library:
            report = library.ingest(documents, progress=progress)
            held = len(library.documents())
    failed += report.failed
    if json:
        counts = {"added": report.added, "replaced": report.replaced, "unchanged": report.unchanged}
        failures = [{"name": name, "message": message} for name, message in failed]
        print(json_module.dumps({**counts, "failed": failures, "documents": held}, ensure_ascii=False, indent=2))
    else:
        counts_line = ", ".join(
            f"{len(names)} {what}"
            for what, names in (
                ("added", report.added),
                ("replaced", report.replaced),
                ("unchanged", report.unchanged),
                ("failed", failed),
            )
            if names
        )
        output.say(output.out(), f"{counts_line or 'nothing to add'}; the library in {settings.data_dir} holds {held}")
        for _, message in failed:
            print_error(message)
    return 1 if failed else 0


def _read(paths: Sequence[Path], failed: list[tuple[str, str]]) -> list[RawDocument]:
    """Read every path; of two documents with one name the second fails, for it would replace the first unseen."""
    from vectorstore.errors import SourceError
    from vectorstore.reading import read_source

    documents: dict[str, RawDocument] = {}

    def refuse(error: SourceError) -> None:
        failed.append((str(error), str(error)))

    for path in paths:
        for document in read_source(path, on_error=refuse if path.is_dir() else None):
            first = documents.setdefault(document.name, document)
            if first.sha256 != document.sha256:
                message = f"{path} holds another document called {document.name!r}; ingest one at a time, or rename one"
                failed.append((document.name, message))
    return list(documents.values())
