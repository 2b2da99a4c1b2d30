"""The documents keep to the code: the paths, functions and tests that they name exist, and their diagrams are sound."""

from __future__ import annotations

import ast
import re
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
DOCUMENTS = (
    "README.md",
    "README.zh-CN.md",
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "eval/README.md",
    "eval/RESULTS.md",
    "docs/experiments.md",
)
FOLDERS = ("deploy", "docs", "eval", "prompts", "qa", "seeds", "tests", "vectorstore")
_FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"`([^`\n]+)`")
_PATH = re.compile(rf"(?<![\w./-])(?:{'|'.join(FOLDERS)})/[\w./-]*")
_PLACEHOLDER = re.compile(r"\bNAME\b|\bversion_N\b")
_ROW = re.compile(r"^\| (.+?) \| `([\w/.]+)` \| `([\w.]+)` \|$", re.MULTILINE)
_DIAGRAM = re.compile(r"^```mermaid\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_NODE = re.compile(r"\b([A-Za-z]\w*)(\[\(.*?\)\]|\[.*?\]|\{.*?\}|\(.*?\))")
_EDGE_TEXT = re.compile(r"\|[^|]*\||(?<=-\.)[^|>]*?(?=\.->)")


def text_of(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


@pytest.mark.parametrize("name", DOCUMENTS)
def test_paths_in_the_documents_exist(name: str) -> None:
    spans = _CODE.findall(_FENCE.sub("", text_of(name)))
    paths = {path for span in spans for path in _PATH.findall(span) if not _PLACEHOLDER.search(path)}
    assert [path for path in sorted(paths) if not (ROOT / path).exists()] == []


def test_tests_that_the_architecture_names_exist() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)`(?: \(`(test_\w+)`\))?", text_of("ARCHITECTURE.md"))
    assert len(named) > 20
    for path, function in named:
        assert f"def {function}" in text_of(path), f"{path} has no {function}"


def defined_in(path: str) -> set[str]:
    """Return what a file defines: functions, classes, ``Class.method``, and names that are assigned at its top."""
    if path.endswith(".js"):
        return set(re.findall(r"\b(?:function|class) (\w+)", text_of(path)))
    found: set[str] = set()
    for node in ast.parse(text_of(path)).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(node.name)
            members = node.body if isinstance(node, ast.ClassDef) else []
            found |= {
                f"{node.name}.{member.name}"
                for member in members
                if isinstance(member, ast.FunctionDef | ast.AsyncFunctionDef)
            }
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            found |= {target.id for target in targets if isinstance(target, ast.Name)}
    return found


def test_what_the_architecture_places_is_there() -> None:
    section = text_of("ARCHITECTURE.md").split("## Where is ...?")[1].split("\n## ")[0]
    rows = _ROW.findall(section)
    tables, lines = section.count("| --- | --- | --- |"), section.count("\n|")
    assert len(rows) == lines - 2 * tables, "a row is not `| behaviour | file | function |`"
    assert len(rows) > 30
    assert [(path, name) for _, path, name in rows if name not in defined_in(path)] == []
    assert [place for place, count in Counter(row[1:] for row in rows).items() if count > 1] == []


def diagrams() -> list[str]:
    return _DIAGRAM.findall(text_of("ARCHITECTURE.md"))


def test_no_diagram_gives_one_node_two_labels() -> None:
    assert len(diagrams()) == 2
    for diagram in diagrams():
        nodes = _NODE.findall(_EDGE_TEXT.sub("", diagram))
        assert len(nodes) > 5
        twice = Counter(node for node, _ in set(nodes))
        assert [node for node, count in twice.items() if count > 1] == []


def test_every_node_of_a_diagram_has_a_label() -> None:
    for diagram in diagrams():
        edges = [line for line in _EDGE_TEXT.sub("", diagram).splitlines() if "->" in line]
        ends = {end.strip() for line in edges for end in re.split(r"--?>|-\.\.?->|-\.+->", _NODE.sub(r"\1", line))}
        labelled = {node for node, _ in _NODE.findall(_EDGE_TEXT.sub("", diagram))}
        assert ends == labelled
