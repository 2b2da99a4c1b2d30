"""Runs: asking a question set, and the files that keep what came back."""
