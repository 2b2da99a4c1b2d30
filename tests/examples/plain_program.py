"""A program of one's own without any framework: open the library, ask, follow up.

QA_DATA_DIR=data python plain_program.py "question" "follow-up"
"""

from __future__ import annotations

import sys

import qa


def main(questions: list[str]) -> None:
    history: list[qa.Answer] = []
    with qa.open(answerer="extractive") as reports:
        for question in questions:
            answer = reports.ask(question, history)
            print("abstained" if answer.abstained else answer.answer)
            history.append(answer)


if __name__ == "__main__":
    main(sys.argv[1:])
