"""The derived indexes, dense and lexical, and searching them."""
