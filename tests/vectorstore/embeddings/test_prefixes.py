"""The prefixes of a model: its own, or those that e5 models ask for."""

from __future__ import annotations

import pytest

from vectorstore.embeddings.prefixes import prefixes_of


@pytest.mark.parametrize(
    ("name", "configured", "expected"),
    [
        ("intfloat/multilingual-e5-small", {}, ("query: ", "passage: ")),
        ("intfloat/e5-base-v2", {"query": "", "document": ""}, ("query: ", "passage: ")),
        ("models/my-e5-large", {}, ("query: ", "passage: ")),
        ("intfloat/multilingual-e5-large-instruct", {"query": "Instruct: x\nQuery: "}, ("Instruct: x\nQuery: ", "")),
        ("intfloat/multilingual-e5-large-instruct", {}, ("", "")),
        ("BAAI/bge-small-zh-v1.5", {}, ("", "")),
        ("shibing624/text2vec-base-chinese", {"query": "", "document": ""}, ("", "")),
        ("some/model", {"query": "q: ", "document": "d: "}, ("q: ", "d: ")),
        ("some/model", {"query": "q: ", "passage": "p: ", "document": "d: "}, ("q: ", "p: ")),
        ("some/e5-model", {"query": "q: "}, ("q: ", "")),
    ],
)
def test_prefixes(name: str, configured: dict[str, str], expected: tuple[str, str]) -> None:
    prefixes = prefixes_of(name, configured)
    assert (prefixes["query"], prefixes["passage"]) == expected
