"""Benchmarks: this package and a plain pipeline (a splitter, Chroma, an embedder), measured in the same run.

``python -m eval.bench embed|ingest|ask|start|all``. Every figure comes from a process of its own; the pipelines take
turns, so that a busy machine slows all of them alike; the median of the turns is shown.
"""
