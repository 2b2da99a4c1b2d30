"""The written examples of intents: their form, the part that is held out, and the weights' file."""

from __future__ import annotations

import json

import numpy as np
import pytest

from eval.training.intents.examples import general_words, read, wordings
from qa.question.intents import IntentClassifier, shipped
from qa.types import Intent


def test_a_line_stands_for_all_its_wordings() -> None:
    assert wordings("(sum up|outline) <doc>(|.)", ["the lease"]) == [
        "sum up the lease",
        "sum up the lease.",
        "outline the lease",
        "outline the lease.",
    ]


@pytest.mark.parametrize("intent", list(Intent))
@pytest.mark.parametrize("language", ["zh", "en"])
def test_each_intent_has_examples_and_some_are_held_out(intent: Intent, language: str) -> None:
    held_out = [e.held_out for e in read() if (e.intent, e.language) == (intent, language)]
    assert len(held_out) > 250
    assert 0.05 < np.mean(held_out) < 0.4


def test_no_wording_is_both_fitted_on_and_held_out() -> None:
    examples = read()
    both = {e.text for e in examples if e.held_out} & {e.text for e in examples if not e.held_out}
    assert both == set()


def test_words_for_an_overview_name_no_document() -> None:
    assert {"报告", "总结", "summarise", "document"} <= general_words() == shipped().general
    assert not {"riverside", "青山县"} & general_words()


def test_the_weights_survive_their_file() -> None:
    classifier = shipped()
    again = IntentClassifier.from_json(json.loads(classifier.to_json()))
    vectors = np.eye(classifier.weights.shape[1], dtype=np.float32)[:5]
    assert np.array_equal(again.probabilities(vectors), classifier.probabilities(vectors))
