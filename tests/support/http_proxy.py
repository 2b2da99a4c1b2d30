"""A proxy before another server: it serves below a path, and asks for a login."""

from __future__ import annotations

import base64
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx

_ITS_OWN = {"connection", "content-encoding", "content-length", "date", "server", "transfer-encoding"}


@contextmanager
def before(target: str, path: str = "", login: str | None = None) -> Iterator[str]:
    """Hand on what comes for ``path`` to ``target``, and yield the proxy's ``HOST:PORT``.

    Without ``login`` (``user:password``) it answers 401, and below another path 404.
    """
    wanted = None if login is None else f"Basic {base64.b64encode(login.encode()).decode()}"

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            pass

        def _hand_on(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if not self.path.startswith(f"{path}/"):
                return self._answer(404, b"<html>nothing here</html>")
            if wanted is not None and self.headers.get("Authorization") != wanted:
                return self._answer(401, b"<html>who are you?</html>")
            url = target + self.path.removeprefix(path)
            reply = client.request(self.command, url, content=body, headers={"Content-Type": "application/json"})
            kept = {name: value for name, value in reply.headers.items() if name.lower() not in _ITS_OWN}
            return self._answer(reply.status_code, reply.content, kept)

        def _answer(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
            self.send_response(status)
            for name, value in {**(headers or {}), "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _hand_on

    with (
        httpx.Client(trust_env=False, timeout=60.0) as client,
        ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server,
    ):
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
