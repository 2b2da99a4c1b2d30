"""What lasts between questions: conversations, feedback, keys, suggestions."""
