"""Benchmarks: this package beside the plain pipeline that one would write in an afternoon, in the same run.

``python -m eval.bench embed|ingest|ask|start|all``. Every figure comes from a process of its own; the pipelines take
turns, so that a busy machine is unkind to all of them; the median of the turns is shown.
"""
