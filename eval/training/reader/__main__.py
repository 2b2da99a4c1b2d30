"""The command ``python -m eval.training.reader prepare|dwell|train|evaluate|pack|calibrate|judge|ablate``."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from . import config

SETS = Path("eval/sets")
WRITTEN = Path(__file__).parent.parent / "pairs"
WORDINGS = Path(__file__).parent.parent / "wordings"
CLAIMS = Path(__file__).parent.parent / "claims"


def _prepare(given: argparse.Namespace) -> None:
    from qa.settings import load

    from ...runs import corpus as corpora
    from . import groups as records
    from .across import aligned
    from .mixture import Claims, Shares, prepare
    from .own import own_groups
    from .pairs import read_pairs
    from .wordings import read_wordings

    given.out.mkdir(parents=True, exist_ok=True)
    kept = given.out / "own.jsonl.gz"
    if not kept.exists():
        settings = load()
        embedder = corpora.embedder_of(settings, given.out / "vectors", queries=True)
        records.write(kept, own_groups(given.sets, given.seeds, settings, embedder))
    documents = read_pairs([WRITTEN, *given.pairs])
    again = frozenset(document.id for document in read_pairs(given.again))
    shares = Shares(given.rounds, again, given.others, given.beside)
    claims = Claims(given.support, CLAIMS) if given.support else None
    wordings = read_wordings(WORDINGS) if given.wordings else []
    across = []
    if given.across:
        settings = load()
        across = aligned(given.reading, corpora.embedder_of(settings, given.out / "vectors", queries=True))
    own = records.read(kept)
    found = prepare(given.out, given.reading, own, documents, wordings, across, given.seed, shares, claims)
    for part, tables in found.items():
        for by, rows in tables.items():
            for key, (examples, answerable, tokens) in rows.items():
                print(f"{part:24} {by:9} {key:24} {examples:7} {answerable:7} {tokens:10,}")


def _dwell(given: argparse.Namespace) -> None:
    from .dwell import dwell

    found = dwell(
        given.weights, given.cache, given.data, given.out, given.share, given.rest, given.most_tokens, given.seed
    )
    print(json.dumps(found, indent=1))


def _train(given: argparse.Namespace) -> None:
    from .train import train

    settings = config.load(given.config, given.tiny, epochs=given.epochs, max_groups=given.max_groups, seed=given.seed)
    train(given.base, given.data, given.run, settings, given.stop_after, given.start)


def _evaluate(given: argparse.Namespace) -> None:
    from .evaluate import evaluate

    print(json.dumps(evaluate(given.base, given.data, given.reader, given.only, given.threads), indent=1))


def _pack(given: argparse.Namespace) -> None:
    from .pack import pack

    before, share = given.mean or (None, 1.0)
    print(pack(given.base, given.run, given.out, given.bits, before and Path(before), float(share)))


def _calibrate(given: argparse.Namespace) -> None:
    from qa.settings import load

    from .calibrate import calibrate

    folders = [WRITTEN, *given.pairs]
    also = [(Path(questions), Path(documents)) for questions, documents in given.set]
    rate, share = given.false_refusals, given.written
    found = calibrate(given.weights, given.data, given.sets, given.seeds, folders, also, load(), rate, share)
    print(json.dumps(found, indent=1))


def _judge(given: argparse.Namespace) -> None:
    from qa.settings import load

    from .calibrate_support import calibrate_judge

    found = calibrate_judge(
        given.weights, [WRITTEN, *given.pairs], CLAIMS, given.claims, load(), {"zh": given.kept_zh, "en": given.kept_en}
    )
    print(json.dumps(found, indent=1))


def _ablate(given: argparse.Namespace) -> None:
    from qa.settings import load

    from .ablate import ablate

    found = ablate(given.weights, given.questions, given.documents, load(), given.cache, given.false_refusals)
    print(json.dumps(found, indent=1))


def main(arguments: list[str] | None = None) -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m eval.training.reader", description=__doc__)
    commands = parser.add_subparsers(required=True)
    base = argparse.ArgumentParser(add_help=False)
    base.add_argument("--base", type=Path, required=True, help="what `qa models export` wrote")

    one = commands.add_parser("prepare", help="make examples of the sources, as text and as tokens")
    one.add_argument("--reading", type=Path, required=True, help="folder of public sets, NAME.jsonl.gz")
    one.add_argument("--support", type=Path, help="folder of public sets of claims: teaches the second task too")
    one.add_argument("--pairs", type=Path, nargs="*", default=[], help="more folders of written pairs")
    one.add_argument("--rounds", type=int, default=3, help="how often each written pair comes")
    one.add_argument("--again", type=Path, nargs="*", default=[], help="files of pairs that come once more")
    one.add_argument("--others", type=float, default=1.0, help="share of all examples but written pairs")
    one.add_argument("--wordings", action="store_true", help="with the rows of public sets that were reworded by hand")
    one.add_argument("--across", action="store_true", help="with rows that exist in both languages, asked in the other")
    one.add_argument("--beside", type=float, default=1.0, help="share of all but those of --again")
    one.add_argument("--sets", type=Path, default=SETS)
    one.add_argument("--seeds", type=Path, default=Path("seeds"))
    one.add_argument("--out", type=Path, required=True)
    one.add_argument("--seed", type=int, default=20)
    one.set_defaults(call=_prepare)

    one = commands.add_parser("dwell", help="keep the examples of a mixture that an artefact has yet to learn")
    one.add_argument("--weights", type=Path, required=True, help="the artefact that the training is to begin with")
    one.add_argument("--cache", type=Path, required=True, help="folder that keeps the artefact's int8 model")
    one.add_argument("--data", type=Path, required=True, help="what `prepare` wrote")
    one.add_argument("--share", type=float, default=0.35, help="of the tokens, those with the largest losses")
    one.add_argument("--rest", type=float, default=0.1, help="share of the other examples that is kept too")
    one.add_argument("--most-tokens", type=int, default=0, help="read so many tokens, drawn at random; 0 for all")
    one.add_argument("--out", type=Path, required=True)
    one.add_argument("--seed", type=int, default=20)
    one.set_defaults(call=_dwell)

    one = commands.add_parser("train", parents=[base], help="train; resumes from the run's checkpoint if it has one")
    one.add_argument("--data", type=Path, required=True, help="what `prepare` wrote")
    one.add_argument("--run", type=Path, required=True, help="folder of the checkpoint, the log and the config")
    one.add_argument(
        "--start", type=Path, help="a finished run's folder, or an artefact: this one begins with its weights"
    )
    one.add_argument("--config", type=Path, help="TOML; see eval/training/reader/config.py")
    one.add_argument("--tiny", action="store_true", help="two layers, forty examples")
    one.add_argument("--epochs", type=float)
    one.add_argument("--max-groups", type=int)
    one.add_argument("--seed", type=int)
    one.add_argument("--stop-after", type=int, default=0, help="steps after which to stop as if told to")
    one.set_defaults(call=_train)

    one = commands.add_parser("evaluate", parents=[base], help="measure a run or an artefact beside the untrained base")
    one.add_argument("--data", type=Path, required=True)
    one.add_argument("--reader", type=Path, help="a run's folder or an artefact; the base's cosine without")
    one.add_argument("--only", nargs="*", default=[], help="parts: valid, test-NAME")
    one.add_argument("--threads", type=int, default=2)
    one.set_defaults(call=_evaluate)

    one = commands.add_parser("pack", parents=[base], help="write the artefact: quantised differences from the base")
    one.add_argument("--run", type=Path, required=True)
    one.add_argument("--out", type=Path, required=True)
    one.add_argument("--bits", type=int, default=4, choices=(3, 4, 8))
    one.add_argument(
        "--mean", nargs=2, metavar=("ARTEFACT", "SHARE"), help="the mean of the run (SHARE of it) and this"
    )
    one.set_defaults(call=_pack)

    one = commands.add_parser("calibrate", help="fit how an artefact's scores rank and become probabilities")
    one.add_argument("--weights", type=Path, required=True, help="the artefact; the calibration is put beside it")
    one.add_argument("--data", type=Path, required=True, help="what `prepare` wrote")
    one.add_argument("--pairs", type=Path, nargs="*", default=[], help="more folders of written pairs")
    one.add_argument("--set", nargs=2, action="append", default=[], metavar=("QUESTIONS", "DOCUMENTS"))
    one.add_argument("--sets", type=Path, default=SETS)
    one.add_argument("--seeds", type=Path, default=Path("seeds"))
    one.add_argument("--false-refusals", type=float, default=0.09)
    one.add_argument("--written", type=float, default=1.0, help="share of the written documents that are asked about")
    one.set_defaults(call=_calibrate)

    one = commands.add_parser("judge", help="fit what an artefact makes of rules that object to claims")
    one.add_argument("--weights", type=Path, required=True, help="the artefact; the calibration is put beside it")
    one.add_argument("--pairs", type=Path, nargs="*", default=[], help="more folders of written pairs")
    one.add_argument("--claims", type=Path, nargs="*", default=[], help="claim sets to fit to as well")
    for language in ("zh", "en"):
        told = f"share of the true claims in {language} that are to stand"
        one.add_argument(f"--kept-{language}", type=float, default=0.9, help=told)
    one.set_defaults(call=_judge)

    one = commands.add_parser("ablate", help="ask a question set: both models together, and each alone")
    one.add_argument("--weights", type=Path, default=Path("qa/reader/weights.npz"))
    one.add_argument("--questions", type=Path, required=True)
    one.add_argument("--documents", type=Path, required=True)
    one.add_argument("--cache", type=Path, help="folder that keeps vectors")
    one.add_argument("--false-refusals", type=float, default=0.08, help="the rate at which `told` is measured")
    one.set_defaults(call=_ablate)

    given = parser.parse_args(arguments)
    given.call(given)


if __name__ == "__main__":
    main()
