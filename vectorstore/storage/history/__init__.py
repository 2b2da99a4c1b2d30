"""The history of a library's tables, for Alembic: ``versions/`` has one file for each revision, in order."""
