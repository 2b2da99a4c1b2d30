"""``qa ingest``: files and directories into the library, through the running server if there is one."""

from __future__ import annotations

import json as json_module
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qa.cli import backend, output
from qa.cli.failure import print_error
from qa.settings import Settings, load

if TYPE_CHECKING:
    from qa.client import Client
    from vectorstore.library import IngestReport

_FILES, _BYTES = 20, 50 * 2**20
"""Sent in one request."""


def ingest(
    paths: Sequence[Path],
    rebuild: bool,
    json: bool,
    password: str | None = None,
    collections: Sequence[str] | None = None,
) -> int:
    """Ingest, report the result, and return the exit status: 1 when a document failed.

    A server that owns the library takes the files in; what only this process can do (``rebuild``, a password) is
    refused then.

    Raises:
        SourceError: a path can't be read at all; nothing was changed.
        UnknownCollection: one of ``collections`` isn't there; nothing was changed.
        LibraryLocked: a server or another command owns the library.
        LibraryError, EmbedderError, ServerError
    """
    settings = load()
    server = None if rebuild or password is not None else backend.running_server(settings)
    if server is not None:
        report, held = _sent(server, paths, collections or (), settings.reads_pictures), server.ready()["documents"]
    else:
        report, held = _ingested(settings, paths, rebuild, password, collections)
    if json:
        print(_as_json(report, held))
    else:
        _say(report, held, settings)
    return 1 if report.failed else 0


def _ingested(
    settings: Settings,
    paths: Sequence[Path],
    rebuild: bool,
    password: str | None,
    collections: Sequence[str] | None,
) -> tuple[IngestReport, int]:
    """Take documents in in this process; return what became of them, and how many there are."""
    from qa.pipeline import open_library
    from qa.reports import read_documents

    with output.progress_bar(output.err(), "reading the files") as progress:
        documents, failed = read_documents(paths, settings.read_options(password, progress))
        library = open_library(settings, rebuild=rebuild, progress=progress)
        with library:
            report = library.ingest(documents, progress, collections or None)
            held = library.directory.count()
    report.failed[:0] = failed
    return report, held


def _sent(server: Client, paths: Sequence[Path], collections: Sequence[str], pictures: bool) -> IngestReport:
    """Send files to a server, and wait until they are taken in.

    Args:
        pictures: whether those in a directory are documents too.

    Raises:
        SourceError: a path can't be read at all; nothing was sent.
        ServerError
    """
    from vectorstore.errors import SourceError, UnreadableSource
    from vectorstore.library import IngestReport
    from vectorstore.reading import list_files

    report = IngestReport()
    files: dict[str, Path] = {}

    def refuse(error: SourceError) -> None:
        report.failed.append((str(error), str(error)))

    for path in paths:
        for name, file in list_files(path, refuse, pictures):
            if not file.is_file():
                raise UnreadableSource(f"{file} does not exist, or is no file; check the path")
            if files.setdefault(name, file) != file:
                message = f"{path} holds another document called {name!r}; ingest one at a time, or rename one"
                report.failed.append((name, message))
    with output.progress_bar(output.err(), "sending the files") as progress:
        jobs = []
        for portion in _portions(list(files.items())):
            try:
                jobs += server.upload(portion, collections)
            except OSError as error:
                raise UnreadableSource(f"{error.filename} can't be read: {error.strerror}") from error
            progress("sending the files", len(jobs), len(files))
        for done, job in enumerate(jobs):
            progress(job["document"], done, len(jobs))
            over = server.wait_over(job["id"])
            _note(report, over)
    return report


def _portions(files: Sequence[tuple[str, Path]]) -> list[list[tuple[str, Path]]]:
    portions: list[list[tuple[str, Path]]] = [[]]
    size = 0
    for name, path in files:
        bytes_ = path.stat().st_size
        if portions[-1] and (len(portions[-1]) == _FILES or size + bytes_ > _BYTES):
            portions.append([])
            size = 0
        portions[-1].append((name, path))
        size += bytes_
    return [portion for portion in portions if portion]


def _note(report: IngestReport, job: dict[str, Any]) -> None:
    """Note what a job that is over came to."""
    name = job["document"]
    if job["state"] != "ready":
        report.failed.append((name, job["reason"] or f"{name}: {job['state']}"))
    for document in job["documents"]:
        lists = {"added": report.added, "replaced": report.replaced, "unchanged": report.unchanged}
        lists[document["outcome"]].append(name if len(job["documents"]) == 1 else document["name"])
    report.notes += [(name, note) for note in job["notes"]]


def _as_json(report: IngestReport, held: int) -> str:
    counts = {"added": report.added, "replaced": report.replaced, "unchanged": report.unchanged}
    failures = [{"name": name, "message": message} for name, message in report.failed]
    notes = [{"name": name, "message": note} for name, note in report.notes]
    whole = {**counts, "failed": failures, "notes": notes, "documents": held}
    return json_module.dumps(whole, ensure_ascii=False, indent=2)


def _say(report: IngestReport, held: int, settings: Settings) -> None:
    counts_line = ", ".join(
        f"{len(names)} {what}"
        for what, names in (
            ("added", report.added),
            ("replaced", report.replaced),
            ("unchanged", report.unchanged),
            ("failed", report.failed),
        )
        if names
    )
    output.say(output.out(), f"{counts_line or 'nothing to add'}; the library in {settings.data_dir} holds {held}")
    for name, note in report.notes:
        output.say(output.err(), f"! {name}: {note}", "yellow")
    for _, message in report.failed:
        print_error(message)
