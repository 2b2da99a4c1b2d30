"""Faults that the gate must catch, and harmless changes that it must let pass."""
