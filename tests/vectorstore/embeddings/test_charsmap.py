"""The binary normalisation map, as the ``tokenizers`` package reads it."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import normalizers

from vectorstore.embeddings.bundled.charsmap import charsmap
from vectorstore.embeddings.bundled.weights import Weights

_character = st.characters(min_codepoint=1, exclude_categories=["Cs"])


@given(
    st.dictionaries(_character, st.text("ab一", max_size=2), min_size=1, max_size=20), st.text(_character, max_size=20)
)
@settings(max_examples=60, deadline=None)
def test_every_key_is_replaced_and_nothing_else(forms: dict[str, str], others: str) -> None:
    normalise = normalizers.Precompiled(charsmap({ord(key): form for key, form in forms.items()})).normalize_str
    for character in [*forms, *others]:
        assert normalise(character) == forms.get(character, character)


def test_the_bundled_map_is_replaced_whole(weights: Weights) -> None:
    normalise = normalizers.Precompiled(charsmap(weights.normal_forms)).normalize_str
    assert len(weights.normal_forms) > 4000
    for code, form in weights.normal_forms.items():
        assert normalise(chr(code)) == form
    for character in "一二三abc。～":
        assert normalise(character) == character
