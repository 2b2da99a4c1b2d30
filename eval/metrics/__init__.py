"""Metrics: pure functions from an answer, its question and the documents' raw texts to a number, or to None.

None means that a metric does not apply to a question, which then gives no score for it rather than a zero. The
interface is in ``base``, the list of all metrics in ``registry``.
"""
