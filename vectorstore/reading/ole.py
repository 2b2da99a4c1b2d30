"""Old Office files (.doc, .xls, .ppt, .msg) and encrypted ones: OLE files, told apart by the streams at their top.

What is embedded in one, as a sheet in a Word document, stands further down.
"""

from __future__ import annotations

import io
from functools import lru_cache

from vectorstore.errors import UnreadableSource
from vectorstore.reading.archive import OLE

_BOOKS = ("workbook", "book")
_ENCRYPTED = "encryptedpackage"


def is_workbook(data: bytes) -> bool:
    """Whether ``data`` is a workbook of the older kind (.xls)."""
    return not _streams(data).isdisjoint(_BOOKS)


def is_encrypted_package(data: bytes) -> bool:
    """Whether ``data`` is an encrypted file of the newer kind (.docx, .xlsx, .pptx)."""
    return _ENCRYPTED in _streams(data)


def refuse_old(data: bytes, where: str) -> None:
    """Refuse an OLE file that no reader reads.

    Raises:
        UnreadableSource: it is one; the message says of which kind, and the way out.
    """
    if not data.startswith(OLE):
        return
    streams = _streams(data)
    if "worddocument" in streams:
        raise UnreadableSource(f"{where} is an old Word document (.doc); save it as .docx or PDF")
    if "powerpoint document" in streams:
        raise UnreadableSource(f"{where} is an old PowerPoint file (.ppt); save it as .pptx or PDF")
    if "__properties_version1.0" in streams:
        raise UnreadableSource(f"{where} is an Outlook message (.msg); save it as .eml")
    raise UnreadableSource(f"{where} is of an old Office format; save it as .docx, .xlsx or .pptx")


@lru_cache(maxsize=1)
def _streams(data: bytes) -> frozenset[str]:
    """Return the names of the streams at the top of an OLE file, in lower case; none where it is no such file."""
    if not data.startswith(OLE):
        return frozenset()
    from olefile import OleFileIO  # loaded only in the process that reads

    try:
        with OleFileIO(io.BytesIO(data)) as file:
            return frozenset(path[0].lower() for path in file.listdir() if len(path) == 1)
    except (MemoryError, RecursionError):
        raise
    except Exception:  # it raises what it likes for a damaged file
        return frozenset()
