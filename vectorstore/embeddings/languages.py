"""How far apart an embedder puts the languages: a question moved to where those in another language lie.

A multilingual embedder puts texts that mean the same near each other, but texts in one language nearer: in a library of
both, what is found first is in the question's own language. The difference is nearly the same for all texts, and so
it is taken from a few questions and their translations (as "language bias" in Reimers and Gurevych, EMNLP 2020).
"""

from __future__ import annotations

import numpy as np

from vectorstore.embeddings.base import Embedder, Vectors
from vectorstore.text.language import Language

ASKED = (
    ("全县有多少个村？", "How many villages does the county have?"),
    ("公司去年的营业收入是多少？", "What was the company's revenue last year?"),
    ("谁是委员会的主任？", "Who chairs the committee?"),
    ("会议是什么时候召开的？", "When was the meeting held?"),
    ("为什么项目推迟了？", "Why was the project delayed?"),
    ("新的医院建在哪里？", "Where was the new hospital built?"),
    ("采取了哪些措施来改善空气质量？", "Which measures were taken to improve air quality?"),
    ("女性员工占多大比例？", "What share of the employees are women?"),
    ("法院是怎么判决的？", "How did the court decide?"),
    ("申请需要提交哪些材料？", "What documents are needed to apply?"),
    ("培训持续了几天？", "How many days did the training last?"),
    ("图书馆几点关门？", "When does the library close?"),
    ("哪个地区的失业率最高？", "Which region has the highest unemployment rate?"),
    ("报告对下一步工作有什么建议？", "What does the report recommend as next steps?"),
    ("病人对服务满意吗？", "Are patients satisfied with the service?"),
    ("桥是由谁设计的？", "Who designed the bridge?"),
    ("这笔捐款用在了什么地方？", "What was the donation used for?"),
    ("学校招收了多少名新生？", "How many new pupils did the school admit?"),
    ("债务和前一年相比有什么变化？", "How did the debt change compared with the year before?"),
    ("什么是可再生能源？", "What is renewable energy?"),
)
"""Questions of the kinds that people ask, in Chinese and in English."""


def gap(embedder: Embedder) -> Vectors:
    """Return the mean vector of ``ASKED`` in English less that of the same in Chinese, shape (dimensions,).

    Raises:
        EmbedderError: the embedder failed.
    """
    vectors = embedder.encode([text for pair in ASKED for text in pair], "query")
    return np.asarray(vectors[1::2].mean(axis=0) - vectors[::2].mean(axis=0), dtype=np.float32)


def moved(vectors: Vectors, between: Vectors, to: Language) -> Vectors:
    """Return the vectors of questions as if they had been asked in the other language, ``to``, with unit length.

    Args:
        vectors: shape (n, dimensions).
        between: see ``gap``.
    """
    found = vectors + (between if to == "en" else -between)
    length = np.linalg.norm(found, axis=1, keepdims=True)
    return np.asarray(np.where(length > 0.0, found / np.maximum(length, 1e-12), vectors), dtype=np.float32)
