"""Question sets: read, checked, drafted from documents and feedback."""
