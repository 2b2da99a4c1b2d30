"""What is asked: analysis, documents named, parts, follow-ups."""
