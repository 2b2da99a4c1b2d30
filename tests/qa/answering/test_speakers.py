"""A question that names a speaker is answered by what that one says, in interviews and minutes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from qa.answering.speakers import spoken_by
from qa.pipeline import QA
from qa.settings import Settings
from vectorstore.embeddings import load_embedder
from vectorstore.library import Library
from vectorstore.reading import RawDocument

DOCUMENTS = {
    "talk.txt": """开源十年谈：工程师的对话

嘉宾：刘超、陈雨

主持人：今天我们聊聊开源。先请各位说一句，开源的目的是什么？

刘超：我觉得是让更多的人一起把东西做好。一家公司做不完的事，可以交给社区。

陈雨：对我来说，开源是为了学习。读别人写的代码，比上课学得快。

主持人：那么最大的困难是什么？

刘超：没有人愿意写文档。

陈雨：维护者太累，常常一个人要回复几百条消息。而刘超写的代码，我改过三千行。
""",
    "panel.md": """# Panel: the future of the river bus

**Moderator:** What is the biggest problem on the water today?

**Helen Okoro:** Ice. We lost nineteen days last winter.

**Martin Vale:** For me it is the staff. We can't find captains.

**Moderator:** Should the boats be electric?

**Martin Vale:** Not yet. The batteries are too heavy for our piers.

**Helen Okoro:** Yes, and soon. Two of our boats will be converted in 2025.
""",
    "interview.md": """Ana Prieto, head of Brookfield School, talks to the Courier

Q: How have exclusions changed?

A: They fell. The figures are in the table.

Q: What is next?

A: A new library. It opens in May.

School year | Exclusions | Pupils
2021 | 41 | 903
2022 | 17 | 915

Brookfield at a glance: 915 pupils; 61 teachers.
""",
    "catalogue.txt": """Rooms of the Saltmarsh inn

Room: Heron
Price: 80 pounds
View: the harbour

Room: Plover
Price: 65 pounds
View: the yard
""",
}


@pytest.fixture(scope="module")
def qa(tmp_path_factory: pytest.TempPathFactory) -> Iterator[QA]:
    directory = tmp_path_factory.mktemp("speakers")
    with Library.open(directory, load_embedder("bundled", directory)) as library:
        library.ingest([RawDocument.of(name, text) for name, text in DOCUMENTS.items()])
        yield QA(library, Settings(answerer="extractive"))


@pytest.mark.parametrize(
    ("question", "said", "not_said"),
    [
        ("刘超认为开源的目的是什么", "刘超：我觉得是让更多的人一起把东西做好。", "学习"),
        ("陈雨认为开源的目的是什么？", "陈雨：对我来说，开源是为了学习。", "刘超"),
        ("陈雨认为最大的困难是什么？", "陈雨：维护者太累，常常一个人要回复几百条消息。", "文档"),
        ("What does Helen Okoro think about electric boats?", "Helen Okoro: Yes, and soon.", "Not yet"),
        ("Does Martin Vale think that the boats should be electric?", "Martin Vale: Not yet.", "soon"),
        ("What does Martin Vale think is the biggest problem on the water?", "Martin Vale: For me it is", "Ice"),
    ],
)
def test_the_speaker_that_is_asked_for_answers(qa: QA, question: str, said: str, not_said: str) -> None:
    answer = qa.ask(question)
    assert said in answer.answer
    assert not_said not in answer.answer


def test_a_box_beside_an_interview_is_nobody_who_speaks(qa: QA) -> None:
    answer = qa.ask("How many exclusions did Brookfield have in 2022?").answer
    assert "17" in answer
    assert "glance" not in answer


def test_a_guest_list_is_no_answer(qa: QA) -> None:
    assert "嘉宾" not in qa.ask("刘超认为开源的目的是什么").answer


def test_labels_of_a_form_are_no_speakers(qa: QA) -> None:
    query = qa.analyser.analyse("What is the Price of the room Plover?")
    part = qa.request(query).ranked.parts[0]
    assert spoken_by(query, part, qa.library) is part


def test_a_guest_list_answers_who_the_guests_are(qa: QA) -> None:
    request = qa.request(qa.analyser.analyse("嘉宾是哪两位？"))
    kept = spoken_by(request.query, request.ranked.parts[0], qa.library)
    assert kept.sentences[0].sentence.text.startswith("嘉宾：刘超、陈雨")


def test_what_others_say_of_the_speaker_stays(qa: QA) -> None:
    request = qa.request(qa.analyser.analyse("刘超写的代码改过多少行？"))
    part = request.ranked.parts[0]
    said = next(unit for unit in part.sentences if "三千行" in unit.sentence.text)
    kept = spoken_by(request.query, part, qa.library).sentences
    assert said in kept
    assert not any(unit.sentence.text.startswith("陈雨：对我来说") for unit in kept)


def test_the_best_sentence_goes_only_where_another_is_about_as_good(qa: QA) -> None:
    request = qa.request(qa.analyser.analyse("刘超认为开源的目的是什么"))
    part = request.ranked.parts[0]
    best = next(unit for unit in part.sentences if unit.sentence.text.startswith("陈雨：对我来说"))
    others = tuple(unit for unit in part.sentences if unit != best)
    for behind, unchanged in ((9.0, True), (0.5, False)):
        scores = (10.0, *(10.0 - behind - 0.01 * at for at in range(len(others))))
        found = replace(part, sentences=(best, *others), scores=scores, covers=(1.0,) * len(scores))
        assert (spoken_by(request.query, found, qa.library) is found) == unchanged
