"""An optional LLM judge: its opinion on answers is kept apart from the scores and never gates."""
