"""Passages in context: what is embedded with them, and where their vectors lie."""

from __future__ import annotations

import numpy as np
import pytest

from vectorstore.ingestion.context import context, in_context


def test_context_is_title_and_section() -> None:
    assert context("报告", "乡村振兴 / 产业") == "报告\n乡村振兴 / 产业"
    assert context("", "产业") == "产业"
    assert context("", "") == ""
    assert len(context("题" * 1000, "节" * 1000)) < 300


def test_a_passages_vector_lies_between_its_sentences_and_its_context() -> None:
    one, two, above = np.eye(3, dtype=np.float32)
    alone = in_context(None, np.stack([one, two]), [10, 10])
    np.testing.assert_allclose(alone, (one + two) / np.sqrt(2), atol=1e-6)
    uneven = in_context(None, np.stack([one, two]), [40, 10])
    np.testing.assert_allclose(uneven, (2 * one + two) / np.sqrt(5), atol=1e-6)
    below = in_context(above, np.stack([one, two]), [10, 10])
    assert below.dtype == np.float32
    assert np.linalg.norm(below) == pytest.approx(1)
    assert below[2] > below[0] == below[1] > 0
