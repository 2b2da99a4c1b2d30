"""Files to raw texts: the registry of formats, one module for each, and the jail that parsers run in."""

from vectorstore.reading.base import RawDocument
from vectorstore.reading.limits import Limits, ReadOptions
from vectorstore.reading.registry import SUFFIXES
from vectorstore.reading.sources import UnlistedFolder, list_files, read_bytes, read_file, read_source

__all__ = [
    "SUFFIXES",
    "Limits",
    "RawDocument",
    "ReadOptions",
    "UnlistedFolder",
    "list_files",
    "read_bytes",
    "read_file",
    "read_source",
]
