"""The gate: compares runs and decides whether answers got worse."""
