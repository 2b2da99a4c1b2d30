"""What the commands do: put the parts together, and print."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.datasets import questions as sets
from eval.errors import DoesNotFit
from eval.gate import baseline as baselines
from eval.gate import decision
from eval.gate.decision import Outputs as Outputs
from eval.metrics import scoring
from eval.runs import corpus as corpora
from eval.runs import records, show
from eval.runs import run as runs
from eval.runs.corpus import Corpus
from eval.runs.records import Run
from qa import settings as settings_module
from qa.pipeline import build
from qa.settings import Settings
from vectorstore.reading import read_source


@dataclass(frozen=True)
class Selection:
    """Which questions of a file are asked."""

    file: Path
    split: sets.Split | None = None
    types: str | None = None
    limit: int | None = None

    def load(self) -> sets.QuestionSet:
        names = [name.strip() for name in self.types.split(",") if name.strip()] if self.types else None
        return sets.load(self.file).select(self.split, names, self.limit)

    def described(self) -> dict[str, Any]:
        chosen = {"split": self.split, "types": self.types, "limit": self.limit}
        return {key: value for key, value in chosen.items() if value is not None}


@dataclass(frozen=True)
class Pipeline:
    """What is asked: over which documents (None: the current library), with which answerer, and a cache of vectors."""

    documents: Path | None = None
    answerer: str | None = None
    cache: Path | None = None

    def settings(self) -> Settings:
        return settings_module.load(**({"answerer": self.answerer} if self.answerer else {}))

    def saved_as(self, name: str | None) -> Path | None:
        """Return where a run of that name is kept; None without a name. Raises BadRun before anything is asked."""
        return None if name is None else decision.path_for(name, self.settings().data_dir)


def run(selection: Selection, pipeline: Pipeline, outputs: Outputs, name: str | None = None) -> int:
    """Ask, score, write and print a run; return how many questions failed."""
    kept = pipeline.saved_as(name)
    done = ask(selection, pipeline)
    outputs.of_run(done)
    if kept:
        records.save(done, kept)
    print_run(done)
    return int(done.summary["errors"])


def print_run(done: Run) -> None:
    """Print the table by type and what stands below it."""
    console = show.console()
    console.print(show.scores_table(done))
    for line in show.closing_lines(done):
        console.print(line, highlight=False)


def ask(selection: Selection, pipeline: Pipeline) -> Run:
    """Ask the selected questions of the documents, or of the current library, with the configured pipeline."""
    questions = selection.load()
    settings = pipeline.settings()
    with _corpus(pipeline, settings) as corpus, show.progress("asking") as advance:
        asked = build(settings, corpus.library)
        info = runs.describe(settings, asked.answerer.name, corpus, questions, selection.described())
        total = len(questions.questions)
        return runs.run(
            asked, questions, corpus, info, lambda item, done: advance(f"{item.id} {item.question}", done, total)
        )


@contextmanager
def _corpus(pipeline: Pipeline, settings: Settings) -> Iterator[Corpus]:
    with ExitStack() as stack:
        if pipeline.documents is None:
            yield stack.enter_context(corpora.current(settings))
            return
        with show.progress("indexing") as advance:
            opened = corpora.from_path(pipeline.documents, settings, pipeline.cache, advance)
            corpus = stack.enter_context(opened)
        yield corpus


def score(run_file: Path, questions: Path, documents: Path, outputs: Outputs) -> None:
    """Score the answers of a run file anew, with today's metrics and question set; asks nothing."""
    texts = {document.name: document.text for document in read_source(documents)}
    loaded = sets.load(questions)
    done = scoring.score_run(records.load(run_file), loaded.questions, texts)
    if not done.items:
        raise DoesNotFit(f"no question of {questions} is in {run_file}")
    outputs.of_run(done)
    print_run(done)


def compare(base: str, new: str, outputs: Outputs) -> bool:
    """Compare two runs, write and print; return whether the new one is worse."""
    data_dir = settings_module.load().data_dir
    comparison = decision.compare(decision.saved(base, data_dir), decision.saved(new, data_dir))
    outputs.of_comparison(comparison)
    decision.print_comparison(comparison)
    return comparison.worse


def gate(baseline: Path, run_file: Path | None, pipeline: Pipeline, outputs: Outputs, name: str | None = None) -> bool:
    """Run the baseline's set, or take a run, and compare; return whether it is worse than the baseline."""
    kept = baselines.load(baseline)
    saved = pipeline.saved_as(name)
    if run_file is not None:
        done = records.load(run_file)
    else:
        here = baseline.resolve().parent
        documents = pipeline.documents or here / kept.documents
        done = ask(Selection(here / kept.questions), Pipeline(documents, pipeline.answerer, pipeline.cache))
    if saved:
        records.save(done, saved)
    comparison = decision.gate(baseline, done)
    print_run(done)
    outputs.of_comparison(comparison)
    decision.print_comparison(comparison)
    return comparison.worse


def refresh(baseline: Path, why: str, questions: Path | None, run_file: Path | None, pipeline: Pipeline) -> None:
    """Make a baseline, or make it anew, from a new run or from a run file."""
    here = baseline.resolve().parent
    kept = baselines.load(baseline) if baseline.exists() else None
    if kept is None and (questions is None or pipeline.documents is None):
        raise DoesNotFit(f"{baseline} does not exist yet; --questions and --documents say what it is to be made of")
    set_file = questions or here / (kept.questions if kept else "")
    documents = pipeline.documents or here / (kept.documents if kept else "")
    done = (
        records.load(run_file)
        if run_file
        else ask(Selection(set_file), Pipeline(documents, pipeline.answerer, pipeline.cache))
    )
    made = decision.refresh(baseline, done, why, set_file, documents)
    print_run(done)
    show.console().print(f"{baseline}: {len(made.items)} questions, made {len(made.history)} times; now: {why}")


def judge(run_file: Path, outputs: Outputs, log: Path | None, model: str | None, base_url: str | None) -> None:
    """Ask the judge about every answer of a run, write and print."""
    from eval.metrics.llm_judge.verdicts import Judge, SeededEndpoint, judge_run

    settings = settings_module.load()
    name, url = model or settings.llm_model, base_url or settings.llm_base_url
    if name is None:
        raise DoesNotFit("there is no judge: give --model and --base-url, or set QA_LLM_MODEL and QA_LLM_BASE_URL")
    endpoint = SeededEndpoint(name, url, settings.llm_api_key, settings.llm_timeout)
    asked = records.load(run_file)
    with closing(endpoint), show.progress("judging") as advance:
        total = len(asked.items)
        judge = Judge(endpoint, log or settings.data_dir / "judge.jsonl")
        done = judge_run(asked, judge, lambda item, count: advance(item.id, count, total))
    outputs.of_run(done)
    print_run(done)


def selftest(questions: Path, documents: Path, cache: Path | None) -> bool:
    """Try every fault and every harmless change on a set, print; return whether the gate judged all of them rightly."""
    from eval import faults
    from eval.faults.bench import open_bench

    settings = settings_module.load(answerer="extractive")
    outcomes = []
    with tempfile.TemporaryDirectory(prefix="qa-eval-") as folder, ExitStack() as stack:
        embedder = corpora.embedder_of(settings, cache or Path(folder), queries=True)
        with show.progress("indexing") as advance:
            opened = open_bench(read_source(documents), sets.load(questions), settings, embedder, progress=advance)
            bench = stack.enter_context(opened)
        cases = faults.cases()
        with show.progress("trying") as advance:
            for outcome in faults.judge(bench, cases):
                outcomes.append(outcome)
                advance(outcome.case.name, len(outcomes), len(cases))
    console = show.console()
    console.print(decision.outcomes_table(outcomes))
    for line in faults.counts(outcomes):
        console.print(line, highlight=False)
    return all(outcome.as_wanted for outcome in outcomes)
