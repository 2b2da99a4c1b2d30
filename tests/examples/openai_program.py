"""A client of the service in a few lines, with the ``openai`` package and nothing of this one.

python openai_program.py http://127.0.0.1:8000/v1 "question"
"""

import sys

from openai import OpenAI

url, question = sys.argv[1:]
client = OpenAI(base_url=url, api_key="none")  # or a key from `qa keys add`, where the service asks for one
stream = client.chat.completions.create(
    model="report-qa", messages=[{"role": "user", "content": question}], stream=True
)
for chunk in stream:
    print(chunk.choices[0].delta.content or "", end="")
for citation in chunk.citations:
    print(f"\n[{citation['number']}] {citation['document']}: {citation['quote']}", end="")
