"""Log formats: JSON for machines and text for people, with the request id and with secrets redacted."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterable
from datetime import UTC, datetime

from pydantic import SecretStr

from qa.observability.question_trace import REQUEST
from qa.sessions.keys import PATTERN
from qa.settings import Settings, without_passwords

REDACTED = "[redacted]"
_SECRET = re.compile(rf"{PATTERN.pattern}|(?<=Bearer )\S+|\bsk-[A-Za-z0-9_-]{{8,}}|(?<=://)[^\s/@:]+:[^\s/@]+(?=@)")
_OWN = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}


def secrets_of(settings: Settings) -> list[str]:
    """Return the secret settings, which no log line may contain."""
    values = (getattr(settings, name) for name in type(settings).model_fields)
    return [value.get_secret_value() for value in values if isinstance(value, SecretStr)]


class _Formatter(logging.Formatter):
    def __init__(self, secrets: Iterable[str] = ()) -> None:
        super().__init__("%(asctime)s %(levelname)s %(message)s")
        self._secrets = sorted((secret for secret in secrets if secret), key=len, reverse=True)

    def redact(self, text: str) -> str:
        """Return ``text`` without secrets: those in the settings, and everything that looks like one."""
        text = without_passwords(text)
        for secret in self._secrets:
            text = text.replace(secret, REDACTED)
        return _SECRET.sub(REDACTED, text)


class TextFormatter(_Formatter):
    """A line for people, with the request id at its end unless the message has it already.

    What follows its first line is indented: a path or a name with a line break in it must not pass for another line.
    """

    def format(self, record: logging.LogRecord) -> str:
        request_id = REQUEST.get().request_id
        line = super().format(record)
        if request_id and request_id not in line:
            head, newline, rest = line.partition("\n")
            line = f"{head} {request_id}{newline}{rest}"
        return self.redact(line).replace("\n", "\n  ")


class JsonFormatter(_Formatter):
    """One JSON object a line: time, level, logger, message, request_id, and the record's extra fields."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": self.redact(record.getMessage()),
        }
        if request_id := REQUEST.get().request_id:
            line["request_id"] = request_id
        for name, value in record.__dict__.items():
            if name not in _OWN and value is not None:
                line[name] = self.redact(value) if isinstance(value, str) else value
        if record.exc_info:
            line["traceback"] = self.redact(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=True, default=str)
