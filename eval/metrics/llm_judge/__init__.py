"""An optional judge: a language model's opinion on answers, kept apart from the scores; it never gates."""
