"""Opening the library that the settings describe: its embedder first, then the library itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from qa.settings import Settings

if TYPE_CHECKING:
    from vectorstore.library import Library


def open_library(
    settings: Settings,
    *,
    owner_url: str | None = None,
    rebuild: bool = False,
    progress: Callable[[str, int, int], None] | None = None,
) -> Library:
    """Return the open library; close it when done.

    Args:
        owner_url: where this process can be asked, when it is a server.
        rebuild: cut and embed everything again first.
        progress: called with (what, done, total) while indexes are repaired or rebuilt.

    Raises:
        EmbedderError, LibraryError
    """
    from vectorstore.embeddings import load_embedder
    from vectorstore.library import Library

    return Library.open(
        settings.data_dir,
        load_embedder(settings.embedder, settings.data_dir / "models"),
        chunk_chars=settings.chunk_chars,
        chroma_url=settings.chroma_url,
        owner_url=owner_url,
        rebuild=rebuild,
        lazy=True,
        progress=progress,
    )
