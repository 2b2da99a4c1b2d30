"""Serves an application on a free port of this machine, as the product's server does."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from fastapi import FastAPI

from qa.api.http_server import HttpServer


@contextmanager
def running(app: FastAPI) -> Iterator[str]:
    """Serve ``app`` in a thread, and give its address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        server = HttpServer(app, app.state.service, lambda: None)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            while not server.started:
                time.sleep(0.01)
            yield url
        finally:
            server.should_exit = True
            thread.join()
            app.state.service.workers.close()
