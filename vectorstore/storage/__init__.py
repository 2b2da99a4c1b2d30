"""The truth on disk: database, catalogue, checksummed records, lock."""
