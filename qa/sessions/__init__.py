"""State that outlives a question: conversations, feedback, API keys, suggested questions."""
