"""Fault 3: pages of other sites can neither read nor write here, by DNS rebinding or across origins."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from fastapi import FastAPI

from qa.api.app import create_app
from qa.settings import Settings
from tests.support.http import running

WRITES = [("POST", "/conversations"), ("POST", "/chat"), ("POST", "/v1/chat/completions"), ("DELETE", "/feedback/x")]


def application(host: str = "127.0.0.1", allowed: str = "") -> FastAPI:
    return create_app(Settings(host=host, allowed_hosts=allowed, keys="off"))


@pytest.fixture(scope="module")
def local() -> Iterator[str]:
    with running(application()) as url:
        yield url


def get(url: str, host: str, path: str = "/healthz") -> httpx.Response:
    return httpx.get(url + path, headers={"Host": host}, trust_env=False)


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8000", "127.0.0.1.evil.example", "", "a b", "192.0.2.7"]
)
@pytest.mark.parametrize("path", ["/", "/healthz", "/documents", "/v1/models", "/openapi.json"])
def test_other_hosts_are_refused(local: str, host: str, path: str) -> None:
    refused = get(local, host, path)
    assert refused.status_code == 400
    assert refused.json()["error"]["code"] == "host_not_allowed"
    assert "QA_ALLOWED_HOSTS" in refused.json()["error"]["message"]


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST:8000", "localhost.", "127.0.0.1:1", "127.8.9.1", "[::1]:8000"]
)
def test_names_of_this_machine_are_answered(local: str, host: str) -> None:
    assert get(local, host).status_code == 200


@pytest.mark.parametrize(
    ("bound", "allowed", "host", "status"),
    [
        ("0.0.0.0", "", "192.0.2.7:8000", 200),  # reached by its address in a network
        ("0.0.0.0", "", "localhost:8000", 200),  # compose.yaml
        ("::", "", "[2001:db8::1]", 200),
        ("0.0.0.0", "", "reports.example", 400),
        ("0.0.0.0", "reports.example, qa", "reports.example", 200),
        ("0.0.0.0", "reports.example, qa", "QA:8000", 200),
        ("0.0.0.0", "*.example", "a.b.example", 200),
        ("0.0.0.0", "*.example", "example", 400),
        ("127.0.0.1", "*", "anything.example", 200),
        ("reports.internal", "", "reports.internal:8000", 200),
    ],
)
def test_allowed_hosts(bound: str, allowed: str, host: str, status: int) -> None:
    with running(application(bound, allowed)) as url:
        assert get(url, host).status_code == status


@pytest.mark.parametrize(("method", "path"), WRITES)
@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1", "http://localhost:3000"])
def test_pages_of_other_origins_do_not_write(local: str, method: str, path: str, origin: str) -> None:
    refused = httpx.request(method, local + path, headers={"Origin": origin}, json={}, trust_env=False)
    assert refused.status_code == 403
    assert refused.json()["error"]["code"] == "origin_not_allowed"


@pytest.mark.parametrize(("method", "path"), WRITES)
def test_the_page_itself_and_programs_write(local: str, method: str, path: str) -> None:
    for headers in ({"Origin": local}, {}):
        answered = httpx.request(method, local + path, headers=headers, json={}, trust_env=False)
        assert answered.status_code in (422, 400, 503)  # it gets as far as the route
        assert answered.json()["error"]["code"] != "origin_not_allowed"


def test_a_proxy_that_changes_the_host_needs_its_name_allowed() -> None:
    headers = {"Host": "127.0.0.1:8000", "Origin": "https://reports.example"}
    for allowed, status in (("", 403), ("reports.example", 503)):
        with running(application(allowed=allowed)) as url:
            asked = httpx.post(f"{url}/chat", headers=headers, json={"question": "多少？"}, trust_env=False)
            assert asked.status_code == status
