"""From raw documents to passages in the catalogue and its indexes."""
