"""``qa backup`` and ``qa restore``: a library as one file, and a library from one, on SQLite or on Postgres."""

from __future__ import annotations

import json as json_module
from pathlib import Path
from typing import TYPE_CHECKING

from qa.cli import output
from qa.settings import load

if TYPE_CHECKING:
    from vectorstore.storage.backup import Contents


def backup(file: Path, json: bool) -> None:
    """Write everything that is stored to a new file; a server may run meanwhile.

    Raises:
        LibraryError
    """
    from vectorstore.storage.backup import backup

    settings = load()
    with output.err().status(f"writing {output.plain(str(file))}"):
        held = backup(settings.database, file, settings.data_dir)
    _say(held, f"in {file}", json)


def restore(file: Path, replace: bool, json: bool) -> None:
    """Put a backup in the place of the library that the settings name.

    Raises:
        LibraryLocked: a server runs on it.
        LibraryBroken, LibraryError
    """
    from vectorstore.storage.backup import restore

    settings = load()
    with output.err().status(f"restoring {output.plain(str(file))}"):
        held = restore(file, settings.data_dir, settings.postgres_url, replace)
    _say(held, f"restored from {file}; the indexes are built at the next start", json)


def _say(held: Contents, where: str, json: bool) -> None:
    if json:
        print(json_module.dumps(held._asdict(), ensure_ascii=False))
        return
    waiting = f", {held.waiting} changes that wait" if held.waiting else ""
    holds = f"{held.documents} documents, {held.conversations} conversations, {held.keys} API keys{waiting}"
    output.say(output.out(), f"{holds} {where}")
    if held.lost:
        output.say(
            output.err(),
            f"{held.lost} of the files that wait to be taken in are not in it, since they are not in QA_DATA_DIR here: "
            "their jobs have failed there; run qa backup where the server runs, or send them again",
        )
