"""Whatever is done to a library, it holds what a dictionary would."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from vectorstore.errors import UnknownDocument
from vectorstore.library import Library
from vectorstore.reading import RawDocument
from vectorstore.types import cut

NAMES = ("a", "b", "c", "d")
SUBJECTS = ("水渠", "果园", "学校", "桥梁", "医院")
subjects = st.lists(st.sampled_from(SUBJECTS), min_size=1, max_size=3, unique=True)


def text_of(chosen: list[str]) -> str:
    return "\n\n".join(f"今年建成{subject}若干，{subject}受到欢迎。" for subject in chosen)


class Machine(RuleBasedStateMachine):
    """Runs a library and a dictionary of texts side by side."""

    embedder: Any

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.model: dict[str, str] = {}
        self.ids: dict[str, str] = {}
        self.library = Library.open(self.folder, self.embedder)

    @rule(batch=st.lists(st.tuples(st.sampled_from(NAMES), subjects), min_size=1, max_size=3))
    def ingest(self, batch: list[tuple[str, list[str]]]) -> None:
        expected: dict[str, list[str]] = {"added": [], "replaced": [], "unchanged": []}
        for name, chosen in batch:
            text = text_of(chosen)
            held = self.model.get(name)
            if held == text or (held is None and text in self.model.values()):
                expected["unchanged"].append(name)
                continue
            expected["added" if held is None else "replaced"].append(name)
            self.model[name] = text
        report = self.library.ingest(RawDocument.of(name, text_of(chosen)) for name, chosen in batch)
        assert report.failed == []
        assert {"added": report.added, "replaced": report.replaced, "unchanged": report.unchanged} == expected

    @rule(name=st.sampled_from(NAMES))
    def remove(self, name: str) -> None:
        if name in self.model:
            assert self.library.remove(name).name == name
            del self.model[name]
        else:
            with pytest.raises(UnknownDocument):
                self.library.remove(name)

    @rule()
    def reopen(self) -> None:
        self.library.close()
        self.library = Library.open(self.folder, self.embedder)

    @precondition(lambda self: self.model)
    @rule(index=st.sampled_from(["dense", "lexical"]))
    def lose_an_index(self, index: str) -> None:
        self.library.close()
        shutil.rmtree(self.folder / index)
        self.library = Library.open(self.folder, self.embedder)

    @invariant()
    def documents_are_those_of_the_model(self) -> None:
        infos = self.library.documents()
        assert {info.name: self.library.document(info.id).text for info in infos} == self.model
        for info in infos:
            assert self.ids.setdefault(info.name, info.id) == info.id
            for one in self.library.passages_of(info.id):
                assert cut(self.model[info.name], one.passage.spans) == one.passage.text

    @invariant()
    def both_indexes_hold_just_the_passages(self) -> None:
        passages = {one.id for info in self.library.documents() for one in self.library.passages_of(info.id)}
        vector = self.embedder.encode(["今年建成"], "query")[0]
        assert {hit.passage_id for hit in self.library.dense(vector, 100)} == passages
        assert {hit.passage_id for hit in self.library.lexical("今年建成", 100)} == passages
        assert set(self.library.sentence_vectors(sorted(passages))) == passages

    @invariant()
    def each_subject_is_found_where_it_stands(self) -> None:
        for subject in SUBJECTS:
            hits = self.library.lexical(subject, 100)
            found = {one.document for one in self.library.passages([hit.passage_id for hit in hits])}
            assert found == {name for name, text in self.model.items() if subject in text}

    def teardown(self) -> None:
        self.library.close()
        shutil.rmtree(self.folder)


def test_a_library_is_a_dictionary(toy: ModuleType) -> None:
    Machine.embedder = toy.ToyEmbedder()
    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=6, stateful_step_count=7, deadline=None, suppress_health_check=[HealthCheck.too_slow]
        ),
    )
