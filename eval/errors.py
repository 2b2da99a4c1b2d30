"""Errors of the evaluation. Each ends a command with exit status 2: the input does not fit, nothing was scored.

EvalError
├── BadQuestionSet     a line of a set that is not a question; the message has the file and the line
├── BadRun             a run file, or a baseline, that can't be read or has another shape
├── DoesNotFit         two things that can't be compared: another set, other documents, no question in common
├── NoRecording        a model is replayed, and nothing was recorded for a prompt; the message has the question
└── JudgeError         the judge's endpoint failed or answered something that is not a verdict
"""

from __future__ import annotations


class EvalError(Exception):
    """Base. The message says what, which value, and what to do about it."""


class BadQuestionSet(EvalError):
    pass


class BadRun(EvalError):
    pass


class DoesNotFit(EvalError):
    pass


class NoRecording(EvalError):
    pass


class JudgeError(EvalError):
    pass
