"""The same with OpenAI's Responses API: annotations, and a follow-up by the response's id.

python responses_program.py http://127.0.0.1:8000/v1 "question" "follow-up"
"""

import sys

from openai import OpenAI

url, question, follow_up = sys.argv[1:]
client = OpenAI(base_url=url, api_key="none")
response = client.responses.create(model="report-qa", input=question)
for annotation in response.output[-1].content[0].annotations:
    print(response.output_text[annotation.start_index : annotation.end_index], annotation.title, annotation.quote)
print(client.responses.create(model="report-qa", input=follow_up, previous_response_id=response.id).output_text)
for passage in client.vector_stores.search("vs_library", query=question, max_num_results=3):
    print(passage.filename, passage.content[0].text)
