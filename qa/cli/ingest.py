"""``qa ingest``: files and directories into the library."""

from __future__ import annotations

import json as json_module
from collections.abc import Sequence
from pathlib import Path

from qa.cli import output
from qa.cli.failure import print_error
from qa.pipeline import open_library
from qa.reports import read_documents
from qa.settings import load


def ingest(paths: Sequence[Path], rebuild: bool, json: bool, password: str | None = None) -> int:
    """Ingest, report the result, and return the exit status: 1 when a document failed.

    Raises:
        SourceError: a path can't be read at all; nothing was changed.
        LibraryLocked: a server or another command owns the library.
        LibraryError, EmbedderError
    """
    settings = load()
    documents, failed = read_documents(paths, settings.read_options(password))
    with output.progress_bar(output.err(), "opening the library") as progress:
        library = open_library(settings, rebuild=rebuild, progress=progress)
        with library:
            report = library.ingest(documents, progress=progress)
            held = library.directory.count()
    failed += report.failed
    if json:
        counts = {"added": report.added, "replaced": report.replaced, "unchanged": report.unchanged}
        failures = [{"name": name, "message": message} for name, message in failed]
        notes = [{"name": name, "message": note} for name, note in report.notes]
        print(
            json_module.dumps(
                {**counts, "failed": failures, "notes": notes, "documents": held}, ensure_ascii=False, indent=2
            )
        )
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
        for name, note in report.notes:
            output.say(output.err(), f"! {name}: {note}", "yellow")
        for _, message in failed:
            print_error(message)
    return 1 if failed else 0
