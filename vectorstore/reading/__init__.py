"""Files to raw texts: the registry of formats, and one module for each."""

from vectorstore.reading.base import RawDocument
from vectorstore.reading.registry import SUFFIXES
from vectorstore.reading.sources import read_file, read_source

__all__ = ["SUFFIXES", "RawDocument", "read_file", "read_source"]
