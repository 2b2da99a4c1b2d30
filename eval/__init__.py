"""Evaluation: question sets, metrics, runs, baselines, the gate and its reports. Nothing of the product imports it."""
