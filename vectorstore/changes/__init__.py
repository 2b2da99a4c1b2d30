"""Changes of a library while it is asked: files that were received, the jobs they become, the worker that does them."""

from __future__ import annotations

from vectorstore.changes.queue import Changes, NewFile, checked_name
from vectorstore.changes.spool import Received, Spool
from vectorstore.changes.tasks import Outcome, Task
from vectorstore.changes.watch import OpenLibrary, Watch, Watching
from vectorstore.changes.worker import Worker

__all__ = [
    "Changes",
    "NewFile",
    "OpenLibrary",
    "Outcome",
    "Received",
    "Spool",
    "Task",
    "Watch",
    "Watching",
    "Worker",
    "checked_name",
]
