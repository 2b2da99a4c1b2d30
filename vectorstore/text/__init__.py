"""Text primitives: normal form, words, names, sentences, lines, spans, tables."""
