"""``qa eval ...``: the commands of the evaluation, their options and their exit statuses."""

from __future__ import annotations

import shlex
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Annotated

import typer

from qa.errors import QAError
from qa.settings import load as load_settings
from vectorstore.errors import VectorStoreError

from .datasets import draft, feedback
from .datasets import questions as sets
from .datasets.check import check as check_set
from .datasets.documents import read
from .errors import DoesNotFit, EvalError
from .faults import selftest as gate_selftest
from .faults.sandbox import open_sandbox
from .files import require_writable
from .gate import baseline as baselines
from .gate import decision
from .report.console import console, print_comparison, print_outcomes, print_run, progress
from .report.outputs import Outputs
from .runs import corpus as corpora
from .runs import run_file, saved, verification
from .runs.run import rescore
from .runs.target import Selection, Target, ask

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
        "--documents", help="A file, folder or JSONL, indexed into a temporary library; else the current one."
    ),
]
CacheOption = Annotated[
    Path | None, typer.Option("--cache", help="A folder that remembers embedded passages from run to run.")
]
AnswererOption = Annotated[str | None, typer.Option("--answerer", help="auto, extractive or model.")]
SaveOption = Annotated[str | None, typer.Option("--save", help="Keep the run under this name, for `qa eval compare`.")]
RunOption = Annotated[Path | None, typer.Option("--run", help="Take this run file instead of asking again.")]
JsonOption = Annotated[Path | None, typer.Option("--json", help="Write JSON here.")]
HtmlOption = Annotated[Path | None, typer.Option("--html", help="Write a report to read here.")]
MarkdownOption = Annotated[Path | None, typer.Option("--markdown", help="Write a summary for a pull request here.")]
JunitOption = Annotated[Path | None, typer.Option("--junit", help="Write JUnit XML for CI here.")]


@contextmanager
def _clear_errors() -> Iterator[None]:
    """End the command with status 2 and one clear message when the input does not fit."""
    try:
        yield
    except BrokenPipeError:  # whoever reads has had enough
        raise
    except (EvalError, QAError, VectorStoreError, OSError) as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(UNFIT) from error


@app.callback()
def main() -> None:
    """Ask question sets, score the answers, and compare runs."""


@app.command()
def run(
    questions: QuestionsOption,
    documents: DocumentsOption = None,
    json: JsonOption = None,
    html: HtmlOption = None,
    markdown: MarkdownOption = None,
    junit: JunitOption = None,
    answerer: AnswererOption = None,
    split: Annotated[sets.Split | None, typer.Option("--split", help="Ask one half of the set.")] = None,
    types: Annotated[str | None, typer.Option("--types", help="Ask these types only, separated by commas.")] = None,
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="Ask the first so many questions.")] = None,
    cache: CacheOption = None,
    save: SaveOption = None,
    record: Annotated[
        Path | None, typer.Option("--record", help="Keep the language model's prompts and replies in this folder.")
    ] = None,
    replay: Annotated[
        Path | None, typer.Option("--replay", help="Take the model's replies from such a folder; no model is needed.")
    ] = None,
) -> None:
    """Ask every question of a set and score the answers. Status 1 when the pipeline failed on a question."""
    outputs = Outputs(json, html, markdown, junit)
    with _clear_errors():
        target = Target(documents, answerer, cache, record, replay)
        kept = _kept(save, target)
        outputs.require_writable()
        done = ask(Selection(questions, split, types, limit), target, progress)
        _finish(done, outputs, kept)
    raise typer.Exit(WORSE if done.summary["errors"] else OK)


@app.command()
def score(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="A run file.")],
    questions: QuestionsOption,
    documents: Annotated[Path, typer.Option("--documents", help="The documents that were asked.")],
    json: JsonOption = None,
    html: HtmlOption = None,
    markdown: MarkdownOption = None,
    junit: JunitOption = None,
) -> None:
    """Score the answers of a run file again, without asking anything."""
    with _clear_errors():
        asked, expected = run_file.load(run, scored=False), sets.load(questions)
        texts = {document.name: document.text for document in read(documents, load_settings().read_options())}
        _finish(rescore(asked, expected, texts), Outputs(json, html, markdown, junit))


@app.command()
def compare(
    base: Annotated[str, typer.Argument(metavar="BASE", help="A saved run's name, or a run file.")],
    new: Annotated[str, typer.Argument(metavar="NEW", help="A saved run's name, or a run file.")],
    json: JsonOption = None,
    html: HtmlOption = None,
    markdown: MarkdownOption = None,
    junit: JunitOption = None,
) -> None:
    """Compare two runs question by question. Status 1 when the new one is worse, 2 when they can't be compared."""
    with _clear_errors():
        data_dir = load_settings().data_dir
        comparison = decision.compare(saved.find(base, data_dir), saved.find(new, data_dir))
        Outputs(json, html, markdown, junit).of_comparison(comparison)
    print_comparison(comparison)
    raise typer.Exit(WORSE if comparison.worse else OK)


@app.command()
def gate(
    baseline: Annotated[Path, typer.Option("--baseline", help="A baseline made by `qa eval baseline`.")],
    run: RunOption = None,
    documents: Annotated[
        Path | None, typer.Option("--documents", help="The documents, when they are not where the baseline says.")
    ] = None,
    answerer: AnswererOption = None,
    cache: CacheOption = None,
    save: SaveOption = None,
    json: JsonOption = None,
    html: HtmlOption = None,
    markdown: MarkdownOption = None,
    junit: JunitOption = None,
) -> None:
    """Ask the baseline's set and compare. Status 1 when answers got worse, 2 when set or run do not fit."""
    outputs = Outputs(json, html, markdown, junit)
    with _clear_errors():
        set_file, kept_documents = baselines.load(baseline).paths(baseline)
        target = Target(documents or kept_documents, answerer, cache)
        kept = _kept(save, target)
        outputs.require_writable()
        done = run_file.load(run) if run else ask(Selection(set_file), target, progress)
        if kept:
            run_file.save(done, kept)
        comparison = decision.gate(baseline, done)
        print_run(done)
        outputs.of_comparison(comparison)
    print_comparison(comparison)
    raise typer.Exit(WORSE if comparison.worse else OK)


@app.command()
def baseline(
    why: Annotated[str, typer.Option("--why", help="A line that says why the baseline changes; it is kept in it.")],
    baseline: Annotated[Path, typer.Option("--baseline", help="The baseline to make or refresh.")],
    questions: Annotated[Path | None, typer.Option("--questions", help="The set; for a new baseline.")] = None,
    documents: Annotated[Path | None, typer.Option("--documents", help="The documents; for a new baseline.")] = None,
    run: RunOption = None,
    answerer: AnswererOption = None,
    cache: CacheOption = None,
) -> None:
    """Make the file that the gate compares with, and add the reason to those it holds."""
    with _clear_errors():
        if not why.strip():
            raise EvalError("--why is empty; say why the baseline changes")
        set_file, source = decision.sources(baseline, questions, documents)
        require_writable(baseline)
        done = run_file.load(run) if run else ask(Selection(set_file), Target(source, answerer, cache), progress)
        made = decision.refresh(baseline, done, why, set_file, source)
    print_run(done)
    console().print(
        f"{baseline}: {len(made.items)} questions, made {len(made.history)} times; now: {why}", markup=False
    )


@app.command()
def check(
    questions: QuestionsOption,
    documents: Annotated[Path, typer.Option("--documents", help="The documents that the set is about.")],
) -> None:
    """Check a question set against its documents. Status 1 when something is wrong with it."""
    with _clear_errors():
        findings = check_set(questions, documents, load_settings().read_options())
    for finding in findings:
        typer.echo(f"{questions.name}: {finding}")
    typer.echo(f"{questions.name}: {len(findings)} findings" if findings else f"{questions.name}: nothing wrong")
    raise typer.Exit(WORSE if findings else OK)


@app.command()
def new(
    out: Annotated[Path, typer.Option("--out", help="The set to write; never over a file that is there.")],
    documents: Annotated[
        Path | None, typer.Option("--documents", help="A file, folder or JSONL of your documents.")
    ] = None,
    from_feedback: Annotated[
        bool, typer.Option("--from-feedback", help="Draft a question for each thumbs-down in the library.")
    ] = False,
    facts: Annotated[int, typer.Option("--facts", min=0, help="Questions about figures for each document.")] = 8,
    sections: Annotated[int, typer.Option("--sections", min=0, help="Questions about headings for each document.")] = 2,
) -> None:
    """Draft a question set from your documents' headings and figures, or from feedback, for you to finish."""
    if documents is None and not from_feedback:
        raise typer.BadParameter("name your documents, or take --from-feedback", param_hint="--documents")
    with _clear_errors():
        settings = load_settings()
        lines = [] if documents is None else draft.draft(read(documents, settings.read_options()), facts, sections)
        if from_feedback:
            rated = feedback.draft(feedback.read(settings.database))
            lines = draft.halved([*lines, *rated]) if lines else rated
        if not lines:
            typer.echo("no answer has a thumbs-down; there is nothing to draft")
            return
        draft.write(lines, out)
    given = f"--questions {shlex.quote(str(out))} --documents {shlex.quote(str(documents or 'DOCUMENTS'))}"
    typer.echo(f"{out}: {len(lines)} questions drafted. Word them as people ask, see each line's note, then:")
    typer.echo(f"  qa eval check {given}")
    typer.echo(f"  qa eval run {given} --html report.html")


@app.command()
def verify(
    claims: Annotated[Path, typer.Argument(metavar="CLAIMS", help="A claim set, one JSON object a line.")],
    rules: Annotated[bool, typer.Option("--rules", help="Without the support judge.")] = False,
    json: JsonOption = None,
    html: HtmlOption = None,
    markdown: MarkdownOption = None,
    junit: JunitOption = None,
    save: SaveOption = None,
) -> None:
    """Let verification judge labelled claims: the share of the true ones that stand, of the false that are dropped."""
    outputs = Outputs(json, html, markdown, junit)
    with _clear_errors():
        settings = load_settings()
        kept = saved.path_for(save, settings.data_dir) if save else None
        outputs.require_writable()
        with progress("judging") as advance:
            done = verification.verify(claims, settings, rules, advance)
        _finish(done, outputs, kept)


@app.command()
def judge(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="A run file.")],
    json: JsonOption = None,
    html: HtmlOption = None,
    markdown: MarkdownOption = None,
    log: Annotated[
        Path | None, typer.Option("--log", help="Where verdicts are kept; else judge.jsonl in the data folder.")
    ] = None,
    model: Annotated[str | None, typer.Option("--model", help="The judge's name; else QA_LLM_MODEL.")] = None,
    base_url: Annotated[str | None, typer.Option("--base-url", help="Its endpoint; else QA_LLM_BASE_URL.")] = None,
) -> None:
    """Ask a language model's opinion on the answers of a run: faithfulness and relevance. It never gates."""
    from .metrics.llm_judge.verdicts import Judge, SeededEndpoint, judge_run  # loads openai, which is slow

    with _clear_errors():
        settings = load_settings()
        name, url = model or settings.llm_model, base_url or settings.llm_base_url
        if name is None:
            raise DoesNotFit("there is no judge: give --model and --base-url, or set QA_LLM_MODEL and QA_LLM_BASE_URL")
        outputs = Outputs(json, html, markdown)
        outputs.require_writable()
        endpoint = SeededEndpoint(name, url, settings.llm_api_key, settings.llm_timeout)
        asked = run_file.load(run)
        with closing(endpoint), progress("judging") as advance:
            asking = Judge(endpoint, log or settings.data_dir / "judge.jsonl")
            done = judge_run(asked, asking, lambda item, count: advance(item.id, count, len(asked.items)))
        _finish(done, outputs)


@app.command()
def selftest(
    questions: QuestionsOption,
    documents: Annotated[Path, typer.Option("--documents", help="The documents that the set is about.")],
    cache: CacheOption = None,
) -> None:
    """Put faults into the pipeline and see whether the gate would catch them with this set. Status 1 when not all."""
    outcomes = []
    with _clear_errors(), tempfile.TemporaryDirectory(prefix="qa-eval-") as folder:
        settings = load_settings(answerer="extractive")
        asked = sets.load(questions)
        embedder = corpora.embedder_of(settings, cache or Path(folder), queries=True)
        with progress("trying") as advance:
            found = read(documents, settings.read_options())
            with open_sandbox(found, asked, settings, embedder, progress=advance) as sandbox:
                count = len(sandbox.corpus.names)
                cases = gate_selftest.cases(count)
                for outcome in gate_selftest.evaluate(sandbox, cases):
                    outcomes.append(outcome)
                    advance(outcome.case.name, len(outcomes), len(cases))
    print_outcomes(outcomes, gate_selftest.left_out(count))
    raise typer.Exit(OK if all(outcome.as_wanted for outcome in outcomes) else WORSE)


def _kept(name: str | None, target: Target) -> Path | None:
    """Return where a run of that name is kept; raises before anything is asked."""
    return None if name is None else saved.path_for(name, target.settings().data_dir)


def _finish(done: run_file.Run, outputs: Outputs, kept: Path | None = None) -> None:
    """Keep a run when it has a name, write its reports, and print it."""
    if kept:
        run_file.save(done, kept)
    outputs.of_run(done)
    print_run(done)
