"""Metrics, traces and log lines of the questions answered; none contains a question or an answer."""
