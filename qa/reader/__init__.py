"""The reader: a small trained model that says which sentences of a passage answer a question or bear out a claim."""
