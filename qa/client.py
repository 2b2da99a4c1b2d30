"""A client of a running server: what the command line asks when a server owns the library."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO
from urllib.parse import quote

from pydantic import ValidationError

from qa.errors import ServerError, ServerRefused
from qa.sessions.chat import EVENTS, ChatAnswer, ChatError, ChatEvent, ErrorDetail

if TYPE_CHECKING:
    import httpx

    from qa.api.schema import DocumentView

_LOOK_SECONDS = 0.2
"""Between two looks at a job."""
Form = list[tuple[str, tuple[str, BinaryIO]]]
READ_SECONDS = 60.0
"""Longest silence; the server pings every 15 s while it works."""


class Client:
    """Talks to the server at ``url`` (such as ``http://127.0.0.1:8000``). Thread-safe: a connection for each call."""

    def __init__(self, url: str, timeout: float = READ_SECONDS, key: str | None = None) -> None:
        import httpx

        self.url = url.rstrip("/")
        self.timeout = timeout
        self._headers = {} if key is None else {"Authorization": f"Bearer {key}"}
        try:
            parts = httpx.URL(self.url)
        except httpx.InvalidURL as error:
            raise self._no_address(url) from error
        if parts.scheme != "http" or not parts.host:
            raise self._no_address(url)

    def ready(self) -> dict[str, Any]:
        """Return what ``/readyz`` says.

        Raises:
            ServerRefused: with the code ``not_ready`` while it starts.
            ServerError: it can't be reached.
        """
        readiness: dict[str, Any] = self._json("GET", "/readyz")
        return readiness

    def wait_ready(self, seconds: float, waiting: Callable[[str], None] | None = None) -> dict[str, Any]:
        """Return what ``/readyz`` says, as soon as it is ready.

        Args:
            seconds: time that it gets for that.
            waiting: called with what the server is waiting for.

        Raises:
            ServerError: it is not ready after ``seconds``, or can't be reached.
        """
        deadline = time.monotonic() + seconds
        while True:
            try:
                return self.ready()
            except ServerRefused as error:
                if error.code != "not_ready" or time.monotonic() > deadline:
                    raise
                if waiting is not None:
                    waiting(str(error))
                time.sleep(0.2)

    def documents(self) -> list[dict[str, Any]]:
        """Return the documents of the library, as ``GET /documents`` lists them."""
        documents: list[dict[str, Any]] = self._json("GET", "/documents")["documents"]
        return documents

    def document(self, name_or_id: str) -> DocumentView:
        """Return a document, as ``GET /documents/{id}`` gives it.

        Raises:
            ServerRefused: there is none of that name or id.
            ServerError
        """
        from qa.api.schema import DocumentView

        return DocumentView.model_validate(self._json("GET", f"/documents/{quote(name_or_id)}"))

    def upload(self, files: Sequence[tuple[str, Path]], collections: Sequence[str] = ()) -> list[dict[str, Any]]:
        """Send files, with the names that their documents are to have, and return their jobs, as ``POST /documents``.

        Args:
            collections: names or ids of those to put them into.

        Raises:
            ServerRefused: a name or a size is refused, or this key may not; nothing is taken in.
            ServerError, OSError
        """
        with ExitStack() as opened:
            form: Form = [("files", (name, opened.enter_context(path.open("rb")))) for name, path in files]
            into = "&".join(f"collection={quote(name, safe='')}" for name in collections)
            jobs: list[dict[str, Any]] = self._json("POST", f"/documents?{into}", files=form)["jobs"]
        return jobs

    def put_file(self, name: str, path: Path, source: str, modified: int) -> None:
        """Send a file of a watched folder, as ``PUT /documents/{name}``.

        Args:
            modified: nanoseconds since 1970.

        Raises:
            ServerRefused, ServerError, OSError
        """
        headers = {"X-Source": quote(source, safe=":/"), "X-Modified": str(modified), "X-Filename": quote(path.name)}
        with path.open("rb") as file:
            self._json("PUT", f"/documents/{quote(name)}", files=[("files", (path.name, file))], headers=headers)

    def origins(self, source: str) -> list[dict[str, Any]]:
        """Return what came from a watched folder, as ``GET /origins``.

        Raises:
            ServerRefused, ServerError
        """
        origins: list[dict[str, Any]] = self._json("GET", f"/origins?source={quote(source)}")["origins"]
        return origins

    def status(self, name_or_id: str) -> dict[str, Any]:
        """Return how far a document is, as ``GET /documents/{id}/status``.

        Raises:
            ServerRefused: there is none of that name or id.
            ServerError
        """
        status: dict[str, Any] = self._json("GET", f"/documents/{quote(name_or_id)}/status")
        return status

    def remove(self, name_or_id: str, source: str | None = None) -> dict[str, Any]:
        """Remove a document; return the job and what is lost, as ``DELETE /documents/{id}``.

        Args:
            source: the watched folder that lost its file; what came from elsewhere stays.

        Raises:
            ServerRefused: there is none of that name or id, or this key may not.
            ServerError
        """
        headers = None if source is None else {"X-Source": quote(source, safe=":/")}
        removal: dict[str, Any] = self._json("DELETE", f"/documents/{quote(name_or_id)}", headers=headers)
        return removal

    def wait_over(self, job_id: str) -> dict[str, Any]:
        """Return a job once it is over, as ``GET /jobs/{id}``.

        Raises:
            ServerError
        """
        while True:
            job: dict[str, Any] = self._json("GET", f"/jobs/{job_id}")
            if job["state"] not in ("queued", "reading", "indexing"):
                return job
            time.sleep(_LOOK_SECONDS)

    def collections(self) -> list[dict[str, Any]]:
        """Return the collections, as ``GET /collections`` lists them."""
        collections: list[dict[str, Any]] = self._json("GET", "/collections")["collections"]
        return collections

    def add_collection(self, name: str) -> None:
        """Make an empty collection; this and the next three raise as ``document`` does."""
        self._json("POST", "/collections", {"name": name})

    def rename_collection(self, name_or_id: str, name: str) -> None:
        """Give a collection another name."""
        self._json("PATCH", f"/collections/{quote(name_or_id, safe='')}", {"name": name})

    def remove_collection(self, name_or_id: str) -> None:
        """Remove a collection, and no document."""
        with self._request("DELETE", f"/collections/{quote(name_or_id, safe='')}"):
            pass

    def put_documents(self, documents: Sequence[str], collections: Sequence[str]) -> None:
        """Put documents, by names or ids, into collections, and out of all others: all of them or none."""
        self._json("PATCH", "/documents", {"documents": list(documents), "collections": list(collections)})

    def stream(
        self,
        question: str,
        conversation_id: str | None = None,
        documents: Sequence[str] | None = None,
        collections: Sequence[str] | None = None,
    ) -> Iterator[ChatEvent]:
        """Yield the events of an answer, ``ChatAnswer`` last. Close the iterator to stop the server's work.

        Raises:
            ServerRefused: the question was refused, or failed.
            ServerError: the server can't be reached, or broke off.
        """
        body: dict[str, Any] = {"question": question, "stream": True}
        if conversation_id is not None:
            body["conversation_id"] = conversation_id
        if documents:
            body["documents"] = list(documents)
        if collections:
            body["collections"] = list(collections)
        with self._request("POST", "/chat", body) as response:
            for name, data in self._server_sent(response):
                event = self._event(name, data)
                if isinstance(event, ChatError):
                    raise ServerRefused(event.error.code, event.error.message)
                yield event
                if isinstance(event, ChatAnswer):
                    return
        raise ServerError(f"the server at {self.url} broke off in mid-answer; see what it says in its terminal")

    def _server_sent(self, response: httpx.Response) -> Iterator[tuple[str, str]]:
        """Yield the name and the data of each event of a stream."""
        from httpx_sse import EventSource, SSEError

        try:
            for event in EventSource(response).iter_sse():
                yield event.event, event.data
        except SSEError as error:
            raise self._garbled("no stream of events") from error

    def _event(self, name: str, data: str) -> ChatEvent:
        try:
            return EVENTS[name].model_validate_json(data)
        except (KeyError, ValidationError) as error:
            raise self._garbled(f"event {name!r}") from error

    def _json(
        self,
        method: str,
        path: str,
        body: object = None,
        files: Form | None = None,
        headers: dict[str, str] | None = None,
    ) -> Any:
        with self._request(method, path, body, files=files, more=headers) as response:
            try:
                return json.loads(response.read())
            except ValueError as error:
                raise self._garbled("no JSON") from error

    @contextmanager
    def _request(
        self,
        method: str,
        path: str,
        body: object = None,
        files: Form | None = None,
        more: dict[str, str] | None = None,
    ) -> Iterator[httpx.Response]:
        import httpx

        headers = {**self._headers, **(more or {})}
        if body is not None:
            headers["Content-Type"] = "application/json"
        # ASCII JSON: a lone surrogate from a terminal becomes an escape, and the server's to refuse.
        content = None if body is None else json.dumps(body)
        try:
            # No proxy from the environment: the server is on this machine. No certificates to load: it is plain HTTP.
            with (
                httpx.Client(timeout=self.timeout, trust_env=False, verify=False) as client,
                client.stream(method, self.url + path, content=content, files=files, headers=headers) as response,
            ):
                if response.status_code >= 400:
                    raise self._refusal(response)
                yield response
        except httpx.RequestError as error:
            late = isinstance(error, httpx.TimeoutException)
            why = "it did not answer in time" if late else str(error) or type(error).__name__
            raise ServerError(
                f"the server at {self.url} can't be asked: {why}; start it again, or end it and ask without it"
            ) from error

    def _refusal(self, response: httpx.Response) -> ServerError:
        try:
            detail = ErrorDetail.model_validate(json.loads(response.read())["error"])
        except (ValueError, KeyError, TypeError):
            return self._garbled(f"status {response.status_code}")
        return ServerRefused(detail.code, detail.message)

    def _garbled(self, what: str) -> ServerError:
        return ServerError(f"{self.url} does not answer as this service does ({what}); is another program there?")

    @staticmethod
    def _no_address(url: str) -> ServerError:
        return ServerError(f"{url!r} is not the address of a server; it must look like http://127.0.0.1:8000")
