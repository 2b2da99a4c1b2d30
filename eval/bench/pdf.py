"""``python -m eval.bench.pdf``: how fast PDF pages are read, with how much memory, and in which order.

The pages are made here, of the sentences of documents. Speed and memory are those of the process that parses, for pages
of one column; the order is that of pages with two columns: how many pairs of neighbouring sentences are still
neighbours, in their order.
"""

from __future__ import annotations

import json
import re
import resource
import sys
import time
from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Annotated

import typer

from vectorstore.errors import VectorStoreError
from vectorstore.ingestion.chunking import chunk
from vectorstore.layout import repair
from vectorstore.reading import RawDocument, read_source
from vectorstore.reading.sources import read_bytes

from .typesetting import typeset

EVAL = Path(__file__).resolve().parent.parent
_MEGABYTE = 1024 * 1024 if sys.platform == "darwin" else 1024
"""In units of ``ru_maxrss``."""


def run(
    documents: Annotated[Path, typer.Option(help="Documents whose sentences fill the pages.")] = EVAL
    / "sets"
    / "english"
    / "documents",
    pages: Annotated[int, typer.Option(min=1, max=1000, help="Pages of one column that are timed.")] = 100,
    json_path: Annotated[Path | None, typer.Option("--json", help="Write the figures here.")] = None,
) -> None:
    """Measure the reading of PDF files."""
    try:
        sentences = list(plain_sentences(read_source(documents)))
        figures = speed(sentences, pages) | order(sentences)
    except VectorStoreError as error:
        typer.secho(f"error: {error}", fg="red", err=True)
        raise typer.Exit(1) from error
    typer.echo("\n".join(f"{name:>22}  {value:g}" for name, value in figures.items()))
    if json_path is not None:
        json_path.write_text(json.dumps(figures, indent=1), encoding="utf-8")


def speed(sentences: Sequence[str], pages: int) -> dict[str, float]:
    """Return the seconds, in all and of the processor, and the MB that reading pages of one column takes."""
    data, _ = typeset(sentences, 1, pages)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    _read(data)
    took = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    worked = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    memory = after.ru_maxrss / _MEGABYTE
    return {
        "pages": pages,
        "seconds": round(took, 2),
        "processor_seconds": round(worked, 2),
        "memory_mb": round(memory),
    }


def order(sentences: Sequence[str]) -> dict[str, float]:
    """Return how many pairs of neighbouring sentences there are on pages of two columns, and the share that is kept."""
    data, used = typeset(sentences, 2)
    found = _read(data)
    texts = [s.text for passage in chunk(repair(found.text, found.title)) for s in passage.sentences]
    return {"pairs": len(used) - 1, "pairs_kept": round(kept(used, texts), 4)}


def kept(sentences: Sequence[str], read: Iterable[str]) -> float:
    """Return the share of pairs of neighbouring ``sentences`` that are neighbours in what was ``read`` of them."""
    text = "".join(map(_letters, read))
    pairs = [(_letters(one), _letters(other)) for one, other in pairwise(sentences)]
    return sum(one + other in text for one, other in pairs) / len(pairs) if pairs else 1.0


def plain_sentences(documents: Iterable[RawDocument]) -> Iterable[str]:
    """Yield the sentences of documents that are of ASCII characters and end like one, each once."""
    seen = set()
    for document in documents:
        for passage in chunk(repair(document.text, document.title)):
            for sentence in passage.sentences:
                text = " ".join(sentence.text.split())
                if text.isascii() and text.endswith((".", "?", "!")) and len(text) > 20 and text not in seen:
                    seen.add(text)
                    yield text


def _read(data: bytes) -> RawDocument:
    return read_bytes(data, "pages.pdf", "pages.pdf", _refuse)[0]


def _refuse(error: Exception) -> None:
    raise error


def _letters(text: str) -> str:
    return re.sub(r"\W", "", text).lower()


if __name__ == "__main__":
    typer.run(run)
    sys.exit(0)
