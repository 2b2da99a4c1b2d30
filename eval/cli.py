"""``qa eval ...``: the commands of the evaluation, thin; what they do is loaded when one is called."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Literal

import typer

app = typer.Typer(
    name="eval",
    help="Ask question sets, score the answers, and compare runs.",
    no_args_is_help=True,
    add_completion=False,
)

OK, WORSE, UNFIT = 0, 1, 2
"""Exit statuses: nothing to say, answers got worse (or questions failed), the input does not fit."""

QuestionsOption = Annotated[Path, typer.Option("--questions", help="A question set, one JSON object a line.")]
DocumentsOption = Annotated[
    Path | None,
    typer.Option(
        "--documents", help="A file, folder or JSONL to index into a temporary library; else the current one."
    ),
]
CacheOption = Annotated[
    Path | None, typer.Option("--cache", help="A folder that remembers embedded passages from run to run.")
]
AnswererOption = Annotated[str | None, typer.Option("--answerer", help="auto, extractive or model.")]
SplitOption = Annotated[Literal["dev", "test"] | None, typer.Option("--split", help="Ask one half of the set.")]
TypesOption = Annotated[str | None, typer.Option("--types", help="Ask these types only, separated by commas.")]
LimitOption = Annotated[int | None, typer.Option("--limit", min=1, help="Ask the first so many questions.")]


@contextmanager
def _clear_errors() -> Iterator[None]:
    """End the command with status 2 and one clear message when the input does not fit."""
    from eval.errors import EvalError
    from qa.errors import QAError
    from vectorstore.errors import VectorStoreError

    try:
        yield
    except (EvalError, QAError, VectorStoreError) as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(UNFIT) from error


@app.callback()
def main() -> None:
    """Ask question sets, score the answers, and compare runs."""


@app.command()
def run(
    questions: QuestionsOption,
    documents: DocumentsOption = None,
    json_out: Annotated[Path | None, typer.Option("--json", help="Write the run file here.")] = None,
    html_out: Annotated[Path | None, typer.Option("--html", help="Write a report to read here.")] = None,
    answerer: AnswererOption = None,
    split: SplitOption = None,
    types: TypesOption = None,
    limit: LimitOption = None,
    cache: CacheOption = None,
) -> None:
    """Ask every question of a set and score the answers."""
    from eval import commands

    with _clear_errors():
        selection = commands.Selection(questions, split, types, limit)
        failed = commands.run(selection, documents, answerer, cache, json_out, html_out)
    raise typer.Exit(WORSE if failed else OK)
