"""``qa doctor``: what is configured, which embedder and answerer will run, what the library holds, what is wrong."""

from __future__ import annotations

import json as json_module
import os
import platform
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from importlib.util import find_spec
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import SecretStr

from qa.cli import backend, output
from qa.errors import EmptyLibrary, QAError, SettingsError
from qa.settings import Settings, load, without_passwords
from qa.version import version
from vectorstore.errors import VectorStoreError
from vectorstore.storage.lock import read_owner

Status = Literal["ok", "note", "problem"]
MARKS: dict[Status, tuple[str, str]] = {"ok": ("✓", "green"), "note": ("·", "yellow"), "problem": ("✗", "red")}
CONNECT_SECONDS = 3.0


@dataclass(frozen=True)
class Finding:
    what: str
    status: Status
    detail: str


def doctor(json: bool) -> int:
    """Look at everything, print it, and return 1 if something is wrong."""
    settings: Settings | None = None
    try:
        settings = load()
        findings = list(_examine(settings))
    except SettingsError as error:
        findings = [Finding("settings", "problem", str(error))]
    findings = [replace(finding, detail=without_passwords(finding.detail)) for finding in findings]
    healthy = all(finding.status != "problem" for finding in findings)
    if json:
        shown = _shown(settings) if settings else {}
        print(
            json_module.dumps(
                {"ok": healthy, "version": version(), "settings": shown, "findings": [asdict(f) for f in findings]},
                ensure_ascii=False,
                indent=2,
            )
        )
    else:
        _print(findings)
    return 0 if healthy else 1


def _print(findings: list[Finding]) -> None:
    console = output.out()
    for finding in findings:
        mark, style = MARKS[finding.status]
        output.say(console, f"{mark} ", style, end="")
        output.say(console, f"{finding.what:<10} ", "bold", end="")
        output.say(console, finding.detail)


def _shown(settings: Settings) -> dict[str, Any]:
    """Return the settings; of secrets only whether they are set."""
    values = settings.model_dump()
    return {
        name: "(set)" if isinstance(value, SecretStr) else value if value is None else _json_value(value)
        for name, value in values.items()
    }


def _json_value(value: object) -> object:
    return value if isinstance(value, int | float | bool) else without_passwords(str(value))


def _examine(settings: Settings) -> Iterator[Finding]:
    yield Finding("version", "ok", f"report-qa {version()}, Python {platform.python_version()}, {platform.system()}")
    yield _settings(settings)
    yield _guard("embedder", lambda: _embedder(settings))
    yield _guard("library", lambda: _library(settings))
    yield _guard("answerer", lambda: _answerer(settings))
    yield _guard("keys", lambda: _keys(settings))
    extras = {
        "sentence-transformers": "sentence_transformers",
        "postgres": "psycopg",
        "local": "xllamacpp",
        "ocr": "rapidocr",
        "otel": "opentelemetry.exporter.otlp.proto.http",  # its parents come with Chroma
    }
    present = [name for name, module in extras.items() if find_spec(module)]
    yield Finding("extras", "ok", f"installed: {', '.join(present) or 'none'} (of {', '.join(extras)})")


def _guard(what: str, look: Callable[[], Finding]) -> Finding:
    try:
        return look()
    except (QAError, VectorStoreError) as error:
        return Finding(what, "problem", str(error))
    except Exception as error:  # whatever is wrong there, the rest is worth knowing
        return Finding(what, "problem", f"unexpected: {type(error).__name__}: {error}")


def _settings(settings: Settings) -> Finding:
    shown = _shown(settings)
    changed = sorted(name for name in settings.model_fields_set if shown[name] is not None)
    listed = ", ".join(f"QA_{name.upper()}={shown[name]}" for name in changed)
    return Finding("settings", "ok", listed or "all as they come")


def _embedder(settings: Settings) -> Finding:
    from qa.pipeline import configured_embedder

    started = time.perf_counter()
    embedder = configured_embedder(settings)
    embedder.embed_query("试")
    took = (time.perf_counter() - started) * 1000
    return Finding("embedder", "ok", f"{embedder.name}, {embedder.dimensions} dimensions, first text in {took:.0f} ms")


def _library(settings: Settings) -> Finding:
    owner = read_owner(settings.data_dir)
    if owner is not None and owner.url is not None:
        server = backend.running_server(settings)
        assert server is not None
        ready = server.ready()
        holds = (
            "ready" if ready["documents"] is None else f"{ready['documents']} documents, {ready['passages']} passages"
        )
        return Finding("library", "ok", f"{settings.data_dir}: {holds}; served at {owner.url} by process {owner.pid}")
    try:
        backend.require_library(settings)
    except EmptyLibrary as error:
        parent = settings.data_dir.absolute()
        while not parent.exists():
            parent = parent.parent
        if not os.access(parent, os.W_OK):
            return Finding("library", "problem", f"{settings.data_dir} can't be created: {parent} is not writable")
        return Finding("library", "note", str(error))
    with backend.library(settings) as library:
        documents, passages = library.directory.count(), library.directory.passages
    if not documents:
        return Finding("library", "note", str(backend.empty(settings)))
    return Finding("library", "ok", f"{settings.data_dir}: {documents} documents, {passages} passages")


def _answerer(settings: Settings) -> Finding:
    from qa.answering import choose

    answerer = choose(settings)
    if answerer is None:
        return Finding("answerer", "ok", "extractive (verbatim sentences, no language model)")
    endpoint = settings.llm_base_url
    if not endpoint:
        return Finding("answerer", "ok", answerer.name)
    parts = urlsplit(endpoint)
    place = f"{answerer.name}: {settings.llm_model} at {parts.scheme}://{parts.hostname}"
    try:
        port = parts.port or (443 if parts.scheme == "https" else 80)
        socket.create_connection((parts.hostname or "", port), CONNECT_SECONDS).close()
    except (OSError, ValueError) as error:
        return Finding(
            "answerer", "problem", f"{place} can't be reached ({error}); answers will be extracts until it can"
        )
    return Finding("answerer", "ok", f"{place}:{port} (it takes connections; no question was sent)")


def _keys(settings: Settings) -> Finding:
    if not settings.requires_key:
        return Finding("keys", "ok", f"a server at {settings.host} asks for no API keys")
    held = 0
    if backend.library_exists(settings):
        from qa.sessions.keys import Keys
        from vectorstore.storage.database import Database

        with Database(settings.database) as database:
            held = sum(info.revoked is None for info in Keys(database).list())
    if not held:
        return Finding("keys", "note", f"a server at {settings.host} asks for API keys; `qa keys add NAME` makes one")
    return Finding("keys", "ok", f"a server at {settings.host} asks for API keys; {held} hold")
