"""The service inside other people's programs: LangChain."""
