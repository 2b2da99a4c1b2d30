"""Documents to searchable passages: reading, layout repair, chunking, embedding, the catalogue, and hybrid search.

Knows nothing of questions, language models or HTTP.
"""
