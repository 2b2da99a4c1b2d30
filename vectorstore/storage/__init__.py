"""The source of truth on disk: database, migrations, catalogue, checksummed records, lock."""
