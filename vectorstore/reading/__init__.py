"""Files to raw texts: the registry of formats, and one module for each."""

from vectorstore.reading.sources import SUFFIXES, RawDocument, read_file, read_source

__all__ = ["SUFFIXES", "RawDocument", "read_file", "read_source"]
