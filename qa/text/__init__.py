"""What is true of a text, whoever asks: language, names, translations, quantities."""
