"""A program of one's own without any framework: open the library, ask, follow up.

QA_DATA_DIR=data python plain_program.py "question" "follow-up"
"""

from __future__ import annotations

import sys

from qa.pipeline import build, open_library
from qa.settings import load
from qa.types import Turn


def main(questions: list[str]) -> None:
    settings = load(answerer="extractive")
    history: list[Turn] = []
    with open_library(settings) as library:
        qa = build(settings, library)
        for question in questions:
            answer = qa.ask(question, history)
            print("abstained" if answer.abstained else answer.answer)
            history += [Turn(role="user", content=question), Turn(role="assistant", content=answer.answer)]


if __name__ == "__main__":
    main(sys.argv[1:])
