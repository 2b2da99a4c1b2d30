"""Question to verified answer: rewrite, retrieve, answer, cite, verify; conversations, the HTTP API, the command line."""
