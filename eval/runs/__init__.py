"""Asking a set: the run, its file, and what it prints."""
