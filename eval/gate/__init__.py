"""Comparing runs, and saying whether answers got worse."""
