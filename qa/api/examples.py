"""Examples for the OpenAPI document: an invented report, and the service's answers about it."""

from __future__ import annotations

import hashlib
from typing import Any

_TEXT = """# 青山县2023年统计公报

## 农业

全年粮食总产量12.6万吨，比上年增长3.1%。全县茶园面积4200亩。
"""
_QUOTE = "全年粮食总产量12.6万吨，比上年增长3.1%。"
_PASSAGE = _QUOTE + "全县茶园面积4200亩。"
_ASKED = "青山县2023年粮食总产量是多少？"
_DOCUMENT_ID = "5b1f0c6e9d2a4f7c"
_CONVERSATION_ID = "0f6d2c1b9a8e4d7f8c3b5a697e1d2c4f"
_MESSAGE_ID = "c7a9e2d4b6f84a1c9e3d5b7f0a2c4e68"
_QUESTION_ID = "5d3b9f1e7c2a486f9b0d1e3c5a7f8642"
_TIME = "2024-03-01T08:00:00.000+00:00"


def _spans(text: str) -> list[list[int]]:
    start = _TEXT.index(text)
    return [[start, start + len(text)]]


_SUMMARY: dict[str, Any] = {
    "id": _DOCUMENT_ID,
    "name": "qingshan-2023.txt",
    "title": "青山县2023年统计公报",
    "date": None,
    "source": None,
    "sha256": hashlib.sha256(_TEXT.encode()).hexdigest(),
    "chars": len(_TEXT),
    "passage_count": 1,
    "added": _TIME,
    "collections": ["default"],
}
_CITATION: dict[str, Any] = {
    "number": 1,
    "document": _SUMMARY["name"],
    "document_id": _DOCUMENT_ID,
    "title": _SUMMARY["title"],
    "section": "农业",
    "quote": _QUOTE,
    "spans": _spans(_QUOTE),
    "table": None,
}
_HIT: dict[str, Any] = {
    "document": _SUMMARY["name"],
    "document_id": _DOCUMENT_ID,
    "title": _SUMMARY["title"],
    "section": "农业",
    "text": _PASSAGE,
    "spans": _spans(_PASSAGE),
    "score": 0.032787,
}
_ANSWER: dict[str, Any] = {
    "question": _ASKED,
    "standalone_question": _ASKED,
    "answer": _QUOTE + "[1]",
    "abstained": False,
    "reason": None,
    "sentences": [{"text": _QUOTE, "citations": [1], "document": "", "table": None}],
    "citations": [_CITATION],
    "passages": [_HIT],
    "latency_ms": {"rewrite": 0.1, "retrieve": 24.6, "answer": 11.2, "total": 36.0},
    "answerer": "extractive",
    "warnings": [],
    "dropped": 0,
    "unknown_labels": 0,
    "usage": None,
}

QUESTION: dict[str, Any] = {"question": _ASKED}
ANSWER: dict[str, Any] = {
    **_ANSWER,
    "conversation_id": _CONVERSATION_ID,
    "message_id": _MESSAGE_ID,
    "user_message_id": _QUESTION_ID,
}
DOCUMENTS: dict[str, Any] = {"documents": [_SUMMARY]}
_PAGE: dict[str, Any] = {"page": 1, "label": "i", "width": 595.0, "height": 842.0, "kind": "page"}
_BOX = [72.0, 96.4, 372.0, 108.4]
DOCUMENT: dict[str, Any] = {
    **_SUMMARY,
    "text": _TEXT,
    "headings": [
        {"level": 1, "text": "青山县2023年统计公报", "spans": _spans("青山县2023年统计公报")},
        {"level": 2, "text": "农业", "spans": _spans("农业")},
    ],
    "passages": [
        {"ordinal": 0, "kind": "paragraph", "section": "农业", "text": _PASSAGE, "spans": _spans(_PASSAGE)},
    ],
    "captions": [],
    "furniture": [],
    "markup": [[0, 2], [_TEXT.index("## "), _TEXT.index("## ") + 3]],
    "pages": [_PAGE],
    "page_starts": [[0, 1]],
    "page_images": True,
    "orders": [],
}
PAGE: dict[str, Any] = {**_PAGE, "lines": [{"text": _QUOTE, "start": _spans(_QUOTE)[0][0], "box": _BOX}]}
PLACES: dict[str, Any] = {
    "places": [{"page": 1, "label": "i", "boxes": [_BOX], "page_size": [595.0, 842.0], "kind": "page"}]
}
_CONVERSATION: dict[str, Any] = {"id": _CONVERSATION_ID, "title": _ASKED, "created": _TIME, "updated": _TIME}
COLLECTION: dict[str, Any] = {
    "id": "3f9a1c0b7e5d2468",
    "name": "统计公报",
    "created": _TIME,
    "document_count": 1,
}
COLLECTIONS: dict[str, Any] = {"collections": [COLLECTION]}
CONVERSATIONS: dict[str, Any] = {
    "conversations": [{**_CONVERSATION, "message_count": 2}],
    "next": f"{_TIME}_{_CONVERSATION_ID}",
}
_COMMENT = "前一年的数字呢？"
_MESSAGE: dict[str, Any] = {"created": _TIME, "answer": None, "feedback": None}
CONVERSATION: dict[str, Any] = {
    **_CONVERSATION,
    "messages": [
        {**_MESSAGE, "id": _QUESTION_ID, "role": "user", "content": _ASKED},
        {
            **_MESSAGE,
            "id": _MESSAGE_ID,
            "role": "assistant",
            "content": _ANSWER["answer"],
            "answer": _ANSWER,
            "feedback": {"rating": "down", "comment": _COMMENT, "created": _TIME},
        },
    ],
}
FORGOTTEN: dict[str, Any] = {"key": "0f3a9c2e", "conversations": 12, "responses": 0}
RATING: dict[str, Any] = {"message_id": _MESSAGE_ID, "rating": "down", "comment": _COMMENT}
FEEDBACK: dict[str, Any] = {
    "feedback": [
        {
            **RATING,
            "conversation_id": _CONVERSATION_ID,
            "created": _TIME,
            "question": _ASKED,
            "standalone_question": _ASKED,
            "answer": _ANSWER["answer"],
            "abstained": False,
            "documents": [_SUMMARY["name"]],
        }
    ]
}
JOB: dict[str, Any] = {
    "id": "3e5f7a9c1b2d4860a1c3e5f7092b4d68",
    "kind": "ingest",
    "document": _SUMMARY["name"],
    "document_id": _DOCUMENT_ID,
    "state": "ready",
    "position": None,
    "done": 60,
    "total": 60,
    "outcome": "added",
    "documents": [{"id": _DOCUMENT_ID, "name": _SUMMARY["name"], "outcome": "added"}],
    "notes": [],
    "reason": None,
    "attempts": 1,
    "created": _TIME,
    "updated": _TIME,
}
JOBS: dict[str, Any] = {
    "jobs": [JOB],
    "counts": {"queued": 0, "reading": 0, "indexing": 0, "ready": 1, "failed": 0, "cancelled": 0},
    "next": None,
}
SUGGESTIONS: dict[str, Any] = {"questions": [{"question": _ASKED, "document": _SUMMARY["name"]}]}
COMPLETION_REQUEST: dict[str, Any] = {"model": "report-qa", "messages": [{"role": "user", "content": _ASKED}]}
COMPLETION: dict[str, Any] = {
    "id": "chatcmpl-9d0c7a1e5b3f48e2",
    "object": "chat.completion",
    "created": 1709280000,
    "model": "report-qa",
    "choices": [
        {
            "index": 0,
            "message": {
                "role": "assistant",
                "content": _ANSWER["answer"],
                "citations": [_CITATION],
                "abstained": False,
            },
            "finish_reason": "stop",
        }
    ],
    "usage": {"prompt_tokens": 16, "completion_tokens": 21, "total_tokens": 37},
}
OPENAI_ERROR: dict[str, Any] = {
    "error": {
        "message": "Unrecognized request argument supplied: temprature",
        "type": "invalid_request_error",
        "code": "invalid_request",
    }
}
CONFIG: dict[str, Any] = {
    "name": "report-qa",
    "version": "0.1.0",
    "ready": True,
    "answerer": "extractive",
    "requires_key": False,
    "limits": {"question_chars": 2000, "title_chars": 200, "comment_chars": 2000, "messages": 200},
    "uploads": {"file_bytes": 209715200, "request_bytes": 1073741824, "files": 200, "suffixes": [".txt", ".pdf"]},
}
READINESS: dict[str, Any] = {
    "status": "ready",
    "documents": 5,
    "passages": 120,
    "answerer": "extractive",
    "version": "0.1.0",
}


def _error(code: str, message: str) -> dict[str, Any]:
    return {"error": {"code": code, "message": message, "request_id": "8f14e45fceea467fa8d6c6b1d2e3f405"}}


ERRORS: dict[int, dict[str, Any]] = {
    400: {
        "description": "The question is empty, too long, or nothing but punctuation; or the body is no JSON.",
        "example": _error("bad_question", "the question is empty; type a question"),
    },
    401: {
        "description": "An API key is required, and none came, or one that is unknown or revoked.",
        "example": _error("unauthorized", "this API key is unknown or was revoked; `qa keys add NAME` makes another"),
    },
    403: {
        "description": "The API key may not do that: it lacks the role, or is limited to some collections.",
        "example": _error("forbidden", "this needs an API key with the role 'manage', and yours has ask, download"),
    },
    404: {
        "description": "There is no such conversation, message, document or job.",
        "example": _error("unknown_document", "there is no document 'x.txt'"),
    },
    409: {
        "description": "The job can't be retried or cancelled.",
        "example": _error("job_conflict", "the job of 'a.txt' is ready, and can't be cancelled any more"),
    },
    413: {
        "description": "The body, or one file of it, is too large.",
        "example": _error("body_too_large", "the body is larger than 1048576 bytes; send a shorter one"),
    },
    422: {
        "description": "The body does not fit the schema.",
        "example": _error("invalid_request", "question: Field required"),
    },
    429: {
        "description": "More than this API key may ask; `Retry-After` says in how many seconds to come again.",
        "example": _error("too_many_requests", "this key may ask 60 questions a minute; ask again in 3 s"),
    },
    500: {
        "description": "A fault of the service; its log has more under the request id.",
        "example": _error("internal", "something went wrong here; the log has more under this request id"),
    },
    503: {
        "description": "Not ready yet, or too many questions are waiting.",
        "example": _error("not_ready", "the library is being opened; try again in a moment"),
    },
    507: {
        "description": "The disk is full.",
        "example": _error("disk_full", "the disk that holds the library is full; free some space on it, and try again"),
    },
}

_EVENTS: list[tuple[str, dict[str, Any]]] = [
    ("started", {"conversation_id": _CONVERSATION_ID, "question": _ASKED}),
    ("rewritten", {"standalone_question": _ASKED}),
    ("passages", {"passages": [_HIT]}),
    ("sentence", {"text": _QUOTE, "document": "", "table": None, "citations": [1], "sources": [_CITATION]}),
    ("done", ANSWER),
]


def stream_example() -> str:
    """Return a whole answer as a ``text/event-stream``."""
    import json

    return "".join(f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n" for name, data in _EVENTS)
