"""Somebody else's LangChain program: this package's retriever in a chain of theirs, and its answering chain beside it.

QA_DATA_DIR=data OPENAI_BASE_URL=http://127.0.0.1:11434/v1 OPENAI_API_KEY=none python langchain_program.py "question"
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from langchain_core.documents import Document
from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.runnables import RunnablePassthrough
from langchain_openai import ChatOpenAI

from qa.integrations.langchain import HybridRetriever, chain
from qa.pipeline import build, open_library
from qa.settings import load

PROMPT = ChatPromptTemplate.from_template("Answer from these passages only.\n\n{passages}\n\nQuestion: {question}")


def shown(documents: Sequence[Document]) -> str:
    """The five best passages, each with the document that it stands in."""
    return "\n\n".join(f"{d.metadata['document']}: {d.page_content}" for d in documents[:5])


def main(question: str) -> None:
    settings = load(answerer="extractive")
    with open_library(settings) as library:
        qa = build(settings, library)

        # 1. The retriever, in a chain with a prompt and a model of one's own: nothing checks what the model says.
        retriever = HybridRetriever(retriever=qa.retriever)
        rag = (
            {"passages": retriever | shown, "question": RunnablePassthrough()}
            | PROMPT
            | ChatOpenAI(model="any", temperature=0)
            | StrOutputParser()
        )
        print("model:", rag.invoke(question))

        # 2. The whole pipeline as a runnable: each sentence verified, each citation with its place in the document.
        answer = chain(qa).invoke(question)
        print("verified:", answer.answer)
        for citation in answer.citations:
            text = library.document(citation.document_id).text
            assert "".join(text[start:end] for start, end in citation.spans) == citation.quote
            print(f"[{citation.number}] {citation.document} {citation.spans}")


if __name__ == "__main__":
    main(sys.argv[1])
