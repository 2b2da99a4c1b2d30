"""The service against its OpenAPI document: thousands of generated requests, valid and invalid, over a real port."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
import requests
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from qa.api.app import create_app
from qa.pipeline import QA, open_library
from qa.sessions.conversations import Conversations
from qa.settings import Settings
from tests.reliability.conftest import LONG
from vectorstore.reading import RawDocument

REQUESTS = 10_000 if LONG else 2000
CHECKS: Any = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
ENDLESS = "/jobs/events"
"""A stream that ends when its client leaves; ``test_changes.py`` has it."""
TEXT = "# 云溪县2023年工作总结\n\n2023年，云溪县粮食总产量达到12.6万吨。\n"
QUESTION = "云溪县2023年粮食总产量是多少？"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, serving: Callable[[FastAPI], Any]) -> Iterator[str]:
    """A service of one tiny document, of its own: what is asked here is rubbish."""
    configured = Settings(data_dir=tmp_path_factory.mktemp("fuzzed"), answerer="extractive", history_limit=6)
    with open_library(configured) as library:
        library.ingest([RawDocument.of("yunxi.txt", TEXT)])
        app = create_app(configured, QA(library, configured), Conversations(library.database, 6))
        with serving(app) as url:
            yield url


def known(url: str) -> dict[str, dict[str, str]]:
    """What really is there, in place of what paths and bodies are to name."""
    with httpx.Client(base_url=url, trust_env=False, timeout=30) as client:
        sent = client.post("/chat", json={"question": QUESTION}).json()
        return {
            "path": {
                "conversation_id": sent["conversation_id"],
                "message_id": sent["message_id"],
                "document": "yunxi.txt",
                "model": "report-qa",
            },
            "body": {
                "question": QUESTION,
                "conversation_id": sent["conversation_id"],
                "message_id": sent["message_id"],
                "model": "report-qa",
            },
        }


def test_nothing_comes_but_what_the_document_says(service: str) -> None:
    schema = schemathesis.openapi.from_url(f"{service}/openapi.json")
    operations = [result.ok() for result in schema.exclude(path=ENDLESS).get_all_operations()]
    made: dict[str, int] = {}
    statuses: dict[int, int] = {}
    session = requests.Session()
    session.trust_env = False

    def send(case: Case) -> None:
        response = case.call(base_url=service, session=session, timeout=30)
        made[case.operation.label] = made.get(case.operation.label, 0) + 1
        statuses[response.status_code] = statuses.get(response.status_code, 0) + 1
        case.validate_response(response, checks=CHECKS)

    for number in range(100):
        there = known(service)
        for operation in operations:
            for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
                _round(operation, mode, number, there, send)
        if sum(made.values()) >= REQUESTS:
            break
    session.close()
    assert sum(made.values()) >= REQUESTS
    assert made.keys() == {operation.label for operation in operations}
    expected = {200, 201, 202, 204, 400, 404, 422}
    assert expected <= statuses.keys() <= {*expected, 304, 405, 406, 409, 413, 415}


def _round(
    operation: Any, mode: GenerationMode, number: int, there: dict[str, dict[str, str]], send: Callable[[Case], None]
) -> None:
    """Send some requests for one operation; in half of the right ones names are put that are really there."""

    @seed(number)
    @settings(
        max_examples=20,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode), real=st.booleans())
    def run(case: Case, real: bool) -> None:
        if real and mode is GenerationMode.POSITIVE:
            for name in case.path_parameters or {}:
                case.path_parameters[name] = there["path"].get(name, case.path_parameters[name])
            if isinstance(case.body, dict):
                for name in case.body.keys() & there["body"].keys():
                    case.body[name] = there["body"][name]
        send(case)

    with contextlib.suppress(Unsatisfiable):  # there is nothing wrong to send where nothing is sent
        run()
