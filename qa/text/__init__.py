"""What is true of a text, whoever asks: names, translations, quantities, prompt injection."""
