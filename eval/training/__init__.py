"""Fitting the ranker, and what each mechanism contributes."""
