"""A running service as a chat model of LangChain, which keeps its citations.

python chat_openai_program.py http://127.0.0.1:8000/v1 "question"
"""

import sys

from langchain_openai import ChatOpenAI
from pydantic import BaseModel

url, question = sys.argv[1:]
model = ChatOpenAI(base_url=url, api_key="none", model="report-qa", use_responses_api=True)
answer = model.invoke(question)
print(answer.text)
for block in answer.content_blocks:
    for citation in block["annotations"]:
        print(citation["title"], citation["extras"]["quote"])


class Answered(BaseModel):
    answer: str
    abstained: bool
    citations: list[str]  # quotes; `list[int]` gives the numbers, a model with `document` and `quote` both


print(model.with_structured_output(Answered).invoke(question).citations)
