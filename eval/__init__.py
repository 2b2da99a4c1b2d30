"""Evaluation: question sets, runs, metrics, the gate and its reports. The product never imports it."""
