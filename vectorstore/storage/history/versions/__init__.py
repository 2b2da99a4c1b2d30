"""Revisions of a library's tables. A released one is never edited: libraries out there have been through it."""
