"""The documents that a set is about, read as a library reads them."""

from __future__ import annotations

import sys
from pathlib import Path

from vectorstore.errors import SourceError
from vectorstore.reading import RawDocument, ReadOptions, read_source
from vectorstore.reading.limits import DEFAULT


def read(path: Path, options: ReadOptions = DEFAULT) -> list[RawDocument]:
    """Return everything that ``path`` holds; what can't be read is named on standard error, and left out.

    Raises:
        SourceError: nothing can.
    """
    errors: list[SourceError] = []
    documents = read_source(path, errors.append, options)
    if errors and not documents:
        raise errors[0]
    for error in errors:
        print_left_out(error)
    return documents


def print_left_out(error: SourceError | str) -> None:
    """Name what is left out, and why, on standard error."""
    print(f"left out: {error}", file=sys.stderr)
