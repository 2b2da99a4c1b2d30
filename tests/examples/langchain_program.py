"""Somebody else's LangChain program: the retriever in a chain of theirs, the whole pipeline, and an agent with a tool.

QA_DATA_DIR=data OPENAI_BASE_URL=http://127.0.0.1:11434/v1 OPENAI_API_KEY=none python langchain_program.py "question"
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from langchain.agents import create_agent
from langchain_core.documents import Document
from langchain_core.messages import HumanMessage
from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.runnables import RunnablePassthrough
from langchain_openai import ChatOpenAI

import qa
from qa.integrations.langchain import HybridRetriever, as_tool, chain

PROMPT = ChatPromptTemplate.from_template("Answer from these passages only.\n\n{passages}\n\nQuestion: {question}")
INSTRUCTIONS = "Look everything up with ask_reports. Answer with what it returns, and keep its citations."


def shown(documents: Sequence[Document]) -> str:
    """The five best passages, each with the document that it stands in."""
    return "\n\n".join(f"{d.metadata['document']}: {d.page_content}" for d in documents[:5])


def ask_with_the_retriever(reports: qa.Reports, model: ChatOpenAI, question: str) -> None:
    """The retriever in a chain with a prompt and a model of one's own: nothing checks what the model says."""
    retriever = HybridRetriever(retriever=reports.pipeline.retriever)
    rag = {"passages": retriever | shown, "question": RunnablePassthrough()} | PROMPT | model | StrOutputParser()
    print("model:", rag.invoke(question))


def ask_the_pipeline(reports: qa.Reports, question: str) -> None:
    """The whole pipeline as a runnable: each sentence verified, each citation with its place in the document."""
    answer = chain(reports.pipeline).invoke(question)
    print("verified:", answer.answer)
    for citation in answer.citations:
        text = reports.document(citation.document_id).text
        assert "".join(text[start:end] for start, end in citation.spans) == citation.quote
        print(f"[{citation.number}] {citation.document} {citation.spans}")


def ask_an_agent(reports: qa.Reports, model: ChatOpenAI, question: str) -> None:
    """An agent that decides itself what to look up: what the tool says is verified, what the agent says is not."""
    agent = create_agent(model, [as_tool(reports.pipeline)], system_prompt=INSTRUCTIONS)
    *_, last = agent.invoke({"messages": [HumanMessage(question)]})["messages"]
    print("agent:", last.content)


def main(question: str) -> None:
    model = ChatOpenAI(model="any", temperature=0)
    with qa.open(answerer="extractive") as reports:
        ask_with_the_retriever(reports, model, question)
        ask_the_pipeline(reports, question)
        ask_an_agent(reports, model, question)


if __name__ == "__main__":
    main(sys.argv[1])
