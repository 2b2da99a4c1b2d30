"""Things that a question asks side by side: each is asked by itself, and what is one thing stays whole."""

from __future__ import annotations

import pytest

from qa.question.clauses import leaning_clauses, split_clauses
from qa.question.coordination import asked_together, stands_in
from qa.question.mentions import Mention

DOCUMENTS = (
    "operating profit. rural electricity use. research spending. bed and breakfast. start date: 1 May. "
    "average hourly bonus. 农村用电量 科研支出 一般公共预算支出"
)
"""What the documents write."""


def asked(question: str, *names: str) -> list[str]:
    """Return the questions that ``question`` asks; ``names`` are names of documents, each of another one."""
    mentions = [
        Mention(question.index(name), question.index(name) + len(name), name, frozenset((name,)), 1.0) for name in names
    ]
    return [thing.question for thing in asked_together(question, mentions, lambda phrase: phrase in DOCUMENTS)]


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        (
            "What were Acme's revenue, headcount and dividend in 2024?",
            [f"What were Acme's {thing} in 2024?" for thing in ("revenue", "headcount", "dividend")],
        ),
        (
            "What was the revenue and operating profit of Acme?",
            ["What was the revenue of Acme?", "What was operating profit of Acme?"],
        ),
        (
            "What are the names of the chief executive and the chair of Acme?",
            ["What are the names of the chief executive of Acme?", "What are the names of the chair of Acme?"],
        ),
        (
            "What is the number of wells and clinics in Oakham?",
            ["What is the number of wells in Oakham?", "What is the number of clinics in Oakham?"],
        ),
        (
            "What is the turnover, number of employees and dividend of Acme?",
            [f"What is {thing} of Acme?" for thing in ("the turnover", "number of employees", "dividend")],
        ),
        (
            "What is the average hourly pay and bonus?",
            ["What is the average hourly pay?", "What is average hourly bonus?"],
        ),
        ("How many cats and dogs were rehomed?", ["How many cats were rehomed?", "How many dogs were rehomed?"]),
        (
            "What is the population of Oakham and Pelling?",
            ["What is the population of Oakham?", "What is the population of Pelling?"],
        ),
        (
            "What was revenue in the UK and France?",
            ["What was revenue in the UK?", "What was revenue in France?"],
        ),
        ("What's Acme's headcount and dividend?", ["What's Acme's headcount?", "What's Acme's dividend?"]),
        (
            "What are rural water use and electricity use?",
            ["What are rural water use?", "What are rural electricity use?"],
        ),
        (
            "How many wells do Oakham, Pelling and Quorn each have?",
            [f"How many wells do {town} have?" for town in ("Oakham", "Pelling", "Quorn")],
        ),
        ("Compare 2023 and 2024 revenue of Acme", ["Compare 2023 revenue of Acme", "Compare 2024 revenue of Acme"]),
        (
            "What was Acme's profit in 2022, 2023 and 2024?",
            [f"What was Acme's profit in {year}?" for year in (2022, 2023, 2024)],
        ),
    ],
)
def test_an_english_question_for_several_things(question: str, expected: list[str]) -> None:
    assert asked(question) == expected


@pytest.mark.parametrize(
    ("question", "names", "expected"),
    [
        (
            "中江县的人口、面积和党员数分别是多少？",
            ("中江县",),
            [f"中江县的{thing}是多少？" for thing in ("人口", "面积", "党员数")],
        ),
        ("西塘镇人口和面积是多少？", ("西塘镇",), ["西塘镇人口是多少？", "西塘镇面积是多少？"]),
        ("农村用水量和用电量是多少？", (), ["农村用水量是多少？", "农村用电量是多少？"]),
        (
            "高槐村有多少户人家、多少人口？",
            ("高槐村",),
            ["高槐村有多少户人家？", "高槐村有多少人口？"],
        ),
        ("站长和承建单位分别是谁？", (), ["站长是谁？", "承建单位是谁？"]),
        (
            "青石乡、白沙乡和红旗乡分别有多少口水井？",
            (),
            [f"{town}有多少口水井？" for town in ("青石乡", "白沙乡", "红旗乡")],
        ),
        ("在建工程和对外投资分别是多少？", (), ["在建工程是多少？", "对外投资是多少？"]),
        ("青禾有限公司营业额和净利润是多少？", (), ["青禾有限公司营业额是多少？", "青禾有限公司净利润是多少？"]),
        ("松岭县人口和面积是多少？", (), ["松岭县人口是多少？", "松岭县面积是多少？"]),
        ("新型城镇化率和失业率是多少？", (), ["新型城镇化率是多少？", "失业率是多少？"]),
        ("一般公共预算收入和支出是多少？", (), ["一般公共预算收入是多少？", "一般公共预算支出是多少？"]),
        ("北京和上海的房价是多少？", (), ["北京的房价是多少？", "上海的房价是多少？"]),
        ("和平镇与共和县的人口是多少？", ("和平镇", "共和县"), ["和平镇的人口是多少？", "共和县的人口是多少？"]),
        ("2023年和2024年的供水量分别是多少", (), ["2023年的供水量是多少", "2024年的供水量是多少"]),
    ],
)
def test_a_chinese_question_for_several_things(question: str, names: tuple[str, ...], expected: list[str]) -> None:
    assert asked(question, *names) == expected


@pytest.mark.parametrize(
    "question",
    [
        "What was Acme's research and development spending?",  # the documents say "research spending"
        "What is the price of the bed and breakfast?",
        "What are the start and end dates of the lease?",
        "How many full-time and part-time staff are there?",
        "What is the plaintiff's claim and the defendant's defence?",
        "Which of Oakham and Pelling has a clinic?",
        "Who leads the Diocese of Bath and Wells?",
        "What are the bed and breakfast?",  # written so: one thing
        "What was the difference between Acme's revenue in 2023 and 2024?",
        "What is the role of parents and teachers?",
        "What did the chair and the clerk say?",
        "How many wells do Oakham and Pelling have together?",
        "When and where was the bridge built?",
        "What share of patients of 65 and up got a jab?",
        "How did revenue change from 2022 to 2024?",
        "西塘镇的科研和教育支出是多少？",
        "2023年和2024年供水量相差多少？",
        "收入和支出一共多少？",
        "中江县如何加强思想和组织建设？",
        "中江县的经验和做法是什么？",
        "自行车和三轮车分别可以在多宽的范围里骑？",
        "2022年到2024年漏损率怎么变化？",
        "第一季度和第二季度营收是多少？",
        "北京和上海的距离是多少？",
        "还有哪些资金来源？",
        "和面积各是多少？",
    ],
)
def test_one_thing_stays_one(question: str) -> None:
    assert asked(question) == []


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("Who's the auditor of Acme and what's the fee?", ["Who is the auditor of Acme?", "What is the fee?"]),
        (", how many staff are there?", [", how many staff are there?"]),
        ("; what is the fee and who is the auditor of Acme?", ["What is the fee?", "Who is the auditor of Acme?"]),
        (
            "How many plots are there, how many people are waiting and what is the rent?",
            ["How many plots are there?", "How many people are waiting?", "What is the rent?"],
        ),
    ],
)
def test_clauses_that_stand_alone(sentence: str, expected: list[str]) -> None:
    assert split_clauses(sentence) == expected


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        (
            "How many wells are there and who maintains them?",
            ["How many wells are there?", "Who maintains them?"],
        ),
        ("谁负责供水，管网有多长？", ["谁负责供水？", "管网有多长？"]),
        ("水井有多少口，由谁来维护？", ["水井有多少口？", "由谁来维护？"]),
        ("站长是谁以及管网总长多少？", ["站长是谁？", "管网总长多少？"]),
        ("请告诉我站长是谁、水价是多少。", ["请告诉我站长是谁？", "水价是多少？"]),
    ],
)
def test_clauses_that_may_lean(sentence: str, expected: list[str]) -> None:
    assert leaning_clauses(sentence) == expected


@pytest.mark.parametrize(
    "sentence",
    [
        "Who is the man who founded the firm and who left it in 2020?",
        "How many towns were there in 2019, and how many now?",
        "Who is the caretaker, who also mows the lawn?",
        "供水量是多少，比上年增长多少？",
        "各镇党员有多少，谁最多？",
        "党员有多少，占比多少？",
        "在松岭县打工的外地人，孩子能上哪些学校？",
    ],
)
def test_clauses_that_are_no_questions_of_their_own(sentence: str) -> None:
    assert leaning_clauses(sentence) == []
    assert split_clauses(sentence) == [sentence]


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("Dunmore", "Ashford recycled glass", False),
        ("东林镇", "东林全年新增就业", True),
        ("2023年", "| 指标 | 2023 |", True),
        ("2023年", "2024年", False),
        ("Ely", "approximately 300 residents", False),
        ("Ely", "Ely's 300 residents", True),
        ("2023", "in FY2023", True),
        ("2023/24", "| Measure | 2022–23 | 2023–24 |", True),
        ("2023", "order 120231", False),
        ("农村", "农业增加值", False),
        ("乡镇", "收入增加", False),
    ],
)
def test_a_name_stands_in_a_text(name: str, text: str, expected: bool) -> None:
    assert stands_in(name, text) is expected
