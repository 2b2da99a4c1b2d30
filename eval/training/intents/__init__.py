"""Fits the classifier of intents on written examples: ``python -m eval.training.intents``."""
