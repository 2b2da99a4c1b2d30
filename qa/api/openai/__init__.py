"""OpenAI's API as its clients use it: chat completions, responses, vector stores, files, embeddings."""
