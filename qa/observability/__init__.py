"""What is counted, timed and logged while questions are answered; nothing of what people ask is kept."""
