"""Small invented documents that the conversations of the follow-up tests are about."""

from __future__ import annotations

DOCUMENTS = {
    "riverside.md": """# Riverside Council: annual report 2024

Riverside is a market town with 41,200 residents.

## Money

In 2024 Riverside's revenue was $62 million. In 2023 Riverside's revenue was $57 million.
In 2024 Riverside's expenses were $59 million. The council spent $4 million on roads and $2 million on parks.

## People

Dana Whitlock was chief executive of Riverside until May 2024. Omar Reyes replaced Dana Whitlock in June 2024.
The council employs 610 people in Riverside and 90 people at the depot in Marl.

## Buildings

The lido stayed shut in 2024 because its pump had failed. The north library is open six days a week.
The south library is open two days a week.
""",
    "hillside.md": """# Hillside Council: annual report 2024

Hillside is a hill town with 18,900 residents.

## Money

In 2024 Hillside's revenue was $29 million. In 2023 Hillside's revenue was $31 million.
In 2024 Hillside's expenses were $27 million.

## People

Priya Anand is chief executive of Hillside. The council employs 240 people.

## Buildings

The Hillside swimming pool closes for repairs in August.
""",
    "larkfield.md": """# Larkfield Museum: visitor guide

Larkfield Museum was founded by Edith Marsh in 1931. It holds 5,400 paintings and 320 clocks.

## Visiting

A ticket costs 9 euros. A ticket for students costs 5 euros.
The museum is closed on Mondays because the clocks are wound then.
The cloakroom costs one euro.

## Collections

The museum bought 40 paintings in 2022 and 65 paintings in 2023.
""",
    "songling.txt": """松岭县：2023年工作总结

松岭县位于西部山区，全县共有38个行政村。

## 产业

2023年松岭县茶叶产量为1260吨，2022年茶叶产量为1130吨。松岭县苹果产量为840吨。
因为遭遇春季冻害，松岭县核桃减产。

## 治理

松岭县建立网格162个，配备网格员175名。县长由何远担任。
""",
    "liuxi.txt": """柳溪县：2023年工作总结

柳溪县地处河谷，全县共有51个行政村。

## 产业

2023年柳溪县茶叶产量为2080吨，2022年茶叶产量为1990吨。柳溪县的茶厂在2021年投产。

## 治理

柳溪县建立网格240个，矛盾化解率达93.4%。民宿协会由丁岚牵头成立，丁岚是石桥村人。
""",
    "linjiang.txt": """临江酱业股份有限公司2023年年度报告

2023年临江酱业营业收入为8.6亿元，净利润为0.9亿元。2022年营业收入为7.9亿元。

公司现有员工1,340人，其中销售人员410人。公司董事长为沈棠。
""",
}
