"""Question to verified answer: rewrite, retrieve, answer, cite, verify; conversations, HTTP, the command line."""
