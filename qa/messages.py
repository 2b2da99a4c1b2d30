"""Every sentence that the product itself says to a person, in Chinese and in English; nothing else holds one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from vectorstore.text.language import Language


@dataclass(frozen=True, slots=True)
class Message:
    """A sentence in both languages, with ``{names}`` for what is put in."""

    zh: str
    en: str

    def __call__(self, language: Language, **values: object) -> str:
        """Return the sentence in ``language``; so is each value that is a message itself."""
        words = {name: value(language) if isinstance(value, Message) else value for name, value in values.items()}
        return (self.zh if language == "zh" else self.en).format(**words)


ABSTENTION = Message("资料中没有提到。", "The reports don't say.")
SILENT_DOCUMENT = Message("{name}：资料中没有提到。", "{name}: The reports don't say.")
UNANSWERED_QUESTION = Message("{question} 资料中没有提到。", "{question} The reports don't say.")
UNASKED = Message(
    "一次最多回答{most}个问题，这些还没有回答，请再问一次：{questions}",
    "{most} questions at most are answered at once. These were left out, please ask them again: {questions}",
)
INCOMPLETE_LIST = Message("应有{all}项，资料中只找到{found}项。", "Only {found} of {all} were found.")
UNKNOWN_NAME = Message("资料中没有关于{name}的内容。", "The reports say nothing about {name}.")
NAME_NOT_FOUND = Message("没有找到关于{name}的内容。", "Nothing was found about {name}.")
UNKNOWN_NAME_NEAR = Message(
    "资料中没有关于{name}的内容，讲的是{near}。", "The reports say nothing about {name}; they speak of {near}."
)
"""Beside an abstention: a name of the question that is in no document, and one of its kind that is."""
MODEL_FAILED = Message(
    "语言模型出错，已改为从原文中查找摘录：{error}",
    "The language model failed, and quotations were looked for in its place: {error}",
)
MODEL_FAILED_LATER = Message(
    "语言模型中途出错，回答可能没有说完：{error}",
    "The language model failed in the middle of its answer, which may lack its end: {error}",
)
NOTHING_VERIFIED = Message(
    "模型的回答没有一句通过核对，已改用原文摘录作答。",
    "No sentence of the model's answer could be verified; quotations from the reports stand in.",
)
NEAREST_EXTRACT = Message(
    "起草的回答没有通过核对。最接近的原文是：",
    "The drafted answer could not be verified. The nearest extract:",
)
"""Introduces one sentence of the reports that may not answer."""
UNVERIFIED = Message("起草的回答没有通过核对。", "The drafted answer could not be verified.")
"""In place of ABSTENTION: nobody judged that the reports don't say."""
MODEL_NOTES = Message("模型说明：{text}", "The model notes: {text}")
"""What a model says that the reports don't give, beside its answer."""
FEWER_PASSAGES = Message(
    "模型的上下文长度放不下全部 {found} 段资料，只给它看了最相关的 {shown} 段；回答可能不完整。",
    "The model's context can't hold all {found} passages; it saw the {shown} best, and the answer may be incomplete.",
)
UNDER_A_NAME = Message("{name}：{text}", "{name}: {text}")
"""What one document says, where several are compared."""


UNDER_A_HEADING = Message("{heading}：{text}", "{heading}: {text}")
"""What one section says, in an overview."""
PAGE = Message("第{label}页", "p. {label}")
SLIDE = Message("第{label}张幻灯片", "slide {label}")
SHEET = Message("工作表“{label}”", "sheet {label}")
BETWEEN_LABELS = Message("、", ", ")
"""Where a citation stands in a document that has pages."""
NAMED_CELL = Message("{name} {cell}", "{name}: {cell}")
BETWEEN_CELLS = Message("，", ", ")
TABLE_ROW = Message("{row}：{cells}", "{row} – {cells}")
WITH_CAPTION = Message("{text}（{caption}）", "{text} ({caption})")
"""A table's row on one line: what it is about, its cells by the names of their columns, and the unit."""
DATED = Message("{title}（{date}）", "{title} ({date})")
"""A document's title with its date."""
GREETING = Message(
    "你好！请直接提问，我会从资料中找出原文来回答。",
    "Hello! Ask me a question, and I will answer it from the documents, with their own words.",
)
GOING_ON = Message(
    "好的，还想了解什么，随时可以问。", "Glad to help. Ask whenever there is more you would like to know."
)
"""In place of the greeting, when a conversation is under way."""
ABOUT = Message(
    "我根据资料回答问题：每一句都注明原文的出处，资料里没有的不会说。\n可以问事实、数字、做法和比较，可以接着追问，也可以说“总结一下”或“还有呢”。",
    "I answer questions from the documents: every sentence shows its source, and what they don't say I don't say.\n"
    'Ask for facts, figures, methods and comparisons, follow up, or say "summarise it" or "tell me more".',
)
NO_DOCUMENTS = Message("资料库里还没有资料。", "There are no documents in the library yet.")
DOCUMENTS = Message("资料（{count} 份）：", "Documents ({count}):")
MORE_DOCUMENTS = Message("……另有 {count} 份。", "... and {count} more.")
DOCUMENTS_LEFT_OUT = Message(
    "资料共有 {count} 份，这里只概述前 {shown} 份；可以点名问其中一份。",
    "There are {count} documents, of which the first {shown} are summed up; name one to hear more of it.",
)
NOTHING_MORE = Message("关于这个问题，没有更多内容了。", "There is nothing more on this.")


def first_place(largest: bool, degree: str, compared: int) -> Message:
    """Return the conclusion of a comparison, for ``name`` and ``figure``.

    Args:
        degree: the adjective that the question compares by, in Chinese; empty for the general one.
        compared: how many documents stand side by side; 更 becomes 最 above two.
    """
    adjective = degree or ("大" if largest else "小")
    word = f"{'最' if compared > 2 else '更'}{adjective}"
    return Message(
        f"{word}的是{{name}}（{{figure}}）。", f"{'Highest' if largest else 'Lowest'}: {{name}} ({{figure}})."
    )


# What a chat client shows besides an answer.
ONLY_TEXT_IS_READ = Message(
    "图片和附件没有读取：这里只读文字，请用文字提问。",
    "Images and attachments were not read: only text is. Put the question into words.",
)
SEARCHING = Message("正在资料中查找", "Searching the reports")
VERIFYING = Message("找到 {count} 段，正在逐句核对", "Passages found: {count}; verifying each sentence")
VERIFIED = Message(
    "逐句核对完毕：{sentences} 句，{citations} 处引文", "Verified: sentences {sentences}, citations {citations}"
)
NEW_CHAT = Message("新的对话", "New chat")


# The command line.
NEAREST_PASSAGES = Message("最接近的段落：", "Nearest passages:")
LOOKING_UP = Message("正在查找", "looking it up")
EXTRACTED = Message("摘自原文", "extractive")
"""In place of the name of the extractive answerer."""
TIME_TAKEN = Message("{answerer} · {ms:.0f} 毫秒", "{answerer} · {ms:.0f} ms")
TOKENS_TAKEN = Message(" · 输入 {sent:,}、输出 {written:,} 词元", " · {sent:,} tokens in, {written:,} out")
WORKED_OUT = Message("（算式：{expression}）", " (worked out: {expression})")
"""Behind the citation marks of a sentence whose figures no document spells out."""
NEW_CONVERSATION = Message("新的会话。", "A new conversation.")
STOPPED = Message("已停止", "stopped")
ANSWER_STOPPED = Message("回答到这里被停止，没有说完。", "The answer was stopped here, before its end.")


def sentence_text(text: str, document: str, language: Language) -> str:
    """Return a sentence of an answer as plain text: after the name of its document, where it has one."""
    return UNDER_A_NAME(language, name=document, text=text) if document else text


# How a language model failed: the texts of ``qa.errors.ModelError``, which MODEL_FAILED introduces.
MODEL_REFUSED = Message(
    "{host} 上的模型服务{reason}（状态码 {status}{detail}）", "the model at {host} {reason} (status {status}{detail})"
)
MODEL_REFUSALS = {
    400: Message(
        "认为请求有误；请检查 QA_LLM_MODEL，以及提示词是否超出它的上下文长度",
        "called the request wrong; check QA_LLM_MODEL, and whether the prompt fits its context",
    ),
    401: Message("不接受密钥；请检查 QA_LLM_API_KEY", "refused the key; check QA_LLM_API_KEY"),
    403: Message(
        "不允许用这个密钥使用该模型；请检查 QA_LLM_API_KEY 和 QA_LLM_MODEL",
        "forbids this key to use the model; check QA_LLM_API_KEY and QA_LLM_MODEL",
    ),
    404: Message(
        "没有这个模型或路径；请检查 QA_LLM_MODEL 和 QA_LLM_BASE_URL（通常以 /v1 结尾）",
        "knows no such model or path; check QA_LLM_MODEL and QA_LLM_BASE_URL (it mostly ends in /v1)",
    ),
    429: Message(
        "收到的请求太多，或额度已用完；请稍后再试",
        "has had too many requests, or the quota is used up; try again later",
    ),
}
"""By HTTP status."""
MODEL_SERVER_FAULT = Message("自身出错；请稍后再试", "has a fault of its own; try again later")
MODEL_REFUSED_OTHERWISE = Message("拒绝了请求", "refused")
MODEL_UNREACHABLE = Message(
    "连不上 {host} 上的模型，或连接中断（{cause}）；它在运行吗？QA_LLM_BASE_URL 对吗？",
    "the model at {host} can't be reached, or broke off ({cause}); is it running, and is QA_LLM_BASE_URL right?",
)
MODEL_BROKE_OFF = Message(
    "{host} 上的模型回答到一半就中断了；请再问一次",
    "the model at {host} broke off in the middle of its answer; ask again",
)
MODEL_CUT = Message(
    "{host} 上的模型没有说完（{reason}）；如果是长度所限，请增大 QA_LLM_MAX_TOKENS 或模型服务自己的上限",
    "the model at {host} was stopped before the end of its answer ({reason}); where that is its length, allow more: "
    "QA_LLM_MAX_TOKENS, or the server's own limit",
)
MODEL_TOO_SLOW = Message(
    "{host} 上的模型 {seconds:g} 秒没有任何输出（QA_LLM_TIMEOUT）；请延长时限，或换一个更快的模型",
    "the model at {host} was silent for {seconds:g} s (QA_LLM_TIMEOUT); allow it more, or use a faster model",
)
MODEL_CONTEXT_EXCEEDED = Message(
    "提示词超出了 {host} 上的模型的上下文长度；请减小 QA_LLM_PASSAGES，或增大模型服务的上下文长度",
    "the prompt is too long for the context of the model at {host}; "
    "lower QA_LLM_PASSAGES, or give the model more context",
)
CONFIGURED_ADDRESS = Message("所配置地址", "the configured address")
SEE_LOG = Message("详情见服务日志", "the log has more")
"""In place of what only whoever runs the service may know: where its model is, and what that said."""
MODEL_EMPTY = Message(
    "{host} 上的模型给出了空的回答；请再问一次，或换一个模型",
    "the model at {host} gave an empty answer; ask again, or try another model",
)
MODEL_GARBLED = Message(
    "{host} 上的模型返回的不是聊天补全（{error}）；请检查 QA_LLM_BASE_URL（通常以 /v1 结尾）",
    "the model at {host} answered with something that is no chat completion ({error}); "
    "check QA_LLM_BASE_URL (it mostly ends in /v1)",
)
MODEL_TOO_LARGE = Message(
    "{host} 上的模型返回的内容过大，或经过压缩，已不再读取；请检查 QA_LLM_BASE_URL",
    "the model at {host} sent more than an answer can be, or compressed it, and was not read on; check QA_LLM_BASE_URL",
)
MODEL_FAULT = Message("{host} 上的模型出错：{error}", "the model at {host} failed: {error}")
MODEL_FILE_FAULT = Message(
    "模型文件 {path} 无法加载（{error}）；它是完整的 GGUF 文件吗？内存够吗？",
    "the model file {path} can't be loaded ({error}); is it a whole GGUF file that fits into memory?",
)


# What a language model is sent, beside the prompts.
CONVERSATION_HEADING = Message("## 此前的对话", "## Conversation so far")
PASSAGES_HEADING = Message("## 资料", "## Passages")
QUESTION_HEADING = Message("## 问题", "## Question")
LAST_QUESTION_HEADING = Message("## 最后的问题", "## The last question")
USER = Message("用户", "User")
ASSISTANT = Message("助手", "Assistant")
NOTHING_MORE_FOUND = Message("（没有查到别的资料）", "(nothing else was found)")


# What a language model is told about its sentences that failed verification.
FAILED_SENTENCE = Message("- {sentence}（{reason}）", "- {sentence} ({reason})")
UNSUPPORTED = Message("资料没有这样说", "the passages don't say so")
FAILURES = (
    Message("没有标出资料标签", "it has no label"),
    Message("标签不存在", "there is no passage of that label"),
    Message("没有引用资料", "it cites nothing"),
    Message("里面没有文字", "there is no word in it"),
    Message("资料里没有：{0}", "not in the evidence: {0}"),
    Message("资料里没有{0}", "{0} is not in the evidence"),
    Message("资料里{1}的数字不是{0}", "{0} is not what the evidence gives for {1}"),
    Message("{0}：资料说的是别的事物", "{0}: the evidence says it of something else"),
    Message("{0}：资料说的是{1}", "{0}: the evidence says it of {1}"),
    Message("{0}：资料里这一项是{1}", "{0}: the evidence gives {1} for that"),
    Message("{0}：资料里{2}是{1}", "{0}: the evidence gives {1} for {2}"),
    Message("{0}：在资料里这是增减的幅度", "{0}: the evidence gives it as a change"),
    Message("{0}：没有数字能证明", "{0}: no figure shows it"),
    Message("{0}：没有两个数字能证明", "{0}: no two figures show it"),
    Message("{0}：没有可比较的对象", "{0}: there is nothing to compare with"),
    Message("{0}：资料里还有{1}", "{0}: the evidence also gives {1}"),
    Message("{0}：{1}和{2}表明并非如此", "{0}: {1} and {2} say otherwise"),
    Message("{0}：资料说的正相反", "{0}: the evidence says the opposite"),
    Message("{0}：资料里是{1}", "{0}: the evidence has {1}"),
    Message("{0}和{1}互换了位置", "{0} and {1} have changed places"),
    Message("资料没有给出这个原因", "it gives a cause that the evidence doesn't give"),
    Message("资料是肯定的，这里否定了", "it negates what the evidence affirms"),
    Message("资料是否定的，这里肯定了", "it affirms what the evidence negates"),
    Message("资料里只是计划，这里说成已完成", "it tells as done what the evidence plans"),
)
"""Why verification refuses a sentence: what ``qa.verify`` and ``qa.answering.attribution`` say, in both languages."""


def matched(text: str, templates: Sequence[Message]) -> Message | None:
    """Return the first template that reads as ``text``, its values (``{0}`` ...) filled in; None where none does."""
    for known in templates:
        for template in (known.en, known.zh):
            pattern = re.sub(r"\\{(\d)\\}", r"(?P<_\1>.+?)", re.escape(template))
            if found := re.fullmatch(pattern, text, re.S):
                values = [
                    found[f"_{number}"].replace("{", "{{").replace("}", "}}") for number in range(found.re.groups)
                ]
                return Message(known.zh.format(*values), known.en.format(*values))
    return None


def failure(reason: str) -> Message:
    """Return a reason of verification as a message; the general one for a reason that is not in ``FAILURES``."""
    return matched(reason, FAILURES) or UNSUPPORTED
