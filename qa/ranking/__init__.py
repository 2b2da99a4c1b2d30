"""Which sentence answers, and whether any does."""
