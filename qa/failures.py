"""Why a document could not be taken in: what ``vectorstore`` says of a file in English, in the reader's language."""

from __future__ import annotations

from qa.messages import Message, matched
from vectorstore.text.language import Language

REASONS = (
    Message(
        "{0} 不是 UTF-8、UTF-16 或 GB18030 的文字；请另存为 UTF-8 的纯文本（.txt 或 .md）",
        "{0} is not text in UTF-8, UTF-16 or GB18030; export it as plain text (.txt or .md) in UTF-8",
    ),
    Message(
        "{0} 像是 {1} 编码，但大部分已损坏；请另存为 UTF-8 的纯文本（.txt 或 .md）",
        "{0} looks like {1} and most of it is broken; export it as plain text (.txt or .md) in UTF-8",
    ),
    Message(
        "{0} 的第 {1} 个字符是 NUL，这是二进制文件；请存为 UTF-8",
        "{0} holds a NUL at character {1}: it is binary; save it as UTF-8",
    ),
    Message(
        "{0} 里到处是控制字符，不是纯文本；请另存为 .txt",
        "{0} is full of control characters, so it is not plain text; export it as .txt",
    ),
    Message("{0} 是空的，没有内容可以收入", "{0} is empty; there is nothing to index"),
    Message("{0} 里没有文字，没有内容可以收入", "{0} holds no text; there is nothing to index"),
    Message("{0} 是一封空邮件，没有内容可以收入", "{0} is an empty message; there is nothing to index"),
    Message(
        "{0} 里的工作表都是空的或隐藏的，没有内容可以收入",
        "{0} has only empty or hidden sheets; there is nothing to index",
    ),
    Message(
        "{0} 是图片，里面没有认出文字，没有内容可以收入",
        "{0} is a picture in which no text was recognised; there is nothing to index",
    ),
    Message(
        "{0} 是图片：请管理员用 pip install 'report-qa[ocr]' 装上文字识别，或把它另存为文字",
        "{0} is a picture: pip install 'report-qa[ocr]' has the text of pictures recognised, or export it as text",
    ),
    Message("{0} 是损坏的图片（{1}）；请重新保存", "{0} is a damaged picture ({1}); save it again"),
    Message(
        "{0} 超过 {1} 百万像素；请缩小后保存，或另存为 PDF",
        "{0} has more than {1} million pixels; save it smaller, or export it as PDF",
    ),
    Message(
        "{0} 的 {1} 页里没有文字，只有图片（扫描件）；请管理员用 pip install 'report-qa[ocr]' 装上文字识别",
        "{0} has no text on its {1} pages, only pictures (a scan); "
        "pip install 'report-qa[ocr]' has the text of pictures recognised",
    ),
    Message(
        "{0} 的 {1} 页里没有文字，只有图片（扫描件），其中也没有认出文字",
        "{0} has no text on its {1} pages, only pictures (a scan); none was recognised on them either",
    ),
    Message(
        "{0} 已加密，所给的密码不对；请用 qa ingest --password 给出正确的密码",
        "{0} is encrypted: and the password is wrong; give the right one with --password",
    ),
    Message(
        "{0} 已加密：请用 qa ingest --password 给出密码，或存成不加密的",
        "{0} is encrypted: give its password with --password",
    ),
    Message("{0} 已加密；请存成不加密的", "{0} is encrypted; save it without a password"),
    Message("{0} 无法解密（{1}）；请存成不加密的", "{0} can't be decrypted ({1}); save it without a password"),
    Message("{0} 无法作为 PDF 读取（{1}）；请重新保存", "{0} can't be read as a PDF ({1}); save it again"),
    Message("{0} 无法作为电子表格读取（{1}）；请重新保存", "{0} can't be read as a spreadsheet ({1}); save it again"),
    Message("{0} 无法作为表格读取（{1}）；请另存为 UTF-8", "{0} can't be read as a table ({1}); export it as UTF-8"),
    Message("{0} 是没有目录的电子书；请重新保存", "{0} is a book without a table of its parts; save it again"),
    Message("{0} 嵌套太深，无法读取；请重新保存", "{0} is nested too deeply to be read; save it again"),
    Message("{0} 是损坏的压缩包（{1}）；请重新保存", "{0} is a damaged archive ({1}); save it again"),
    Message("{0} 的附件 {1} 无法读取（{2}）", "{0}, attachment {1} can't be read ({2})"),
    Message("{0} 在 {1} 处已损坏（{2}）", "{0} is damaged at {1} ({2})"),
    Message(
        "{0} 声明了文档用不着的 XML 实体；请重新保存",
        "{0} declares XML entities, which no document needs; save it again",
    ),
    Message("{0} 不是合规的 XML（{1}）；请重新保存", "{0} is no valid XML ({1}); save it again"),
    Message("{0} 不是合规的 XML；请重新保存", "{0} is no valid XML; save it again"),
    Message(
        "{0} 是旧的 Word 文档（.doc）；请另存为 .docx 或 PDF",
        "{0} is an old Word document (.doc); save it as .docx or PDF",
    ),
    Message(
        "{0} 是旧的 PowerPoint 文件（.ppt）；请另存为 .pptx 或 PDF",
        "{0} is an old PowerPoint file (.ppt); save it as .pptx or PDF",
    ),
    Message("{0} 是 Outlook 邮件（.msg）；请另存为 .eml", "{0} is an Outlook message (.msg); save it as .eml"),
    Message(
        "{0} 是旧的 Office 格式；请存为 .docx、.xlsx 或 .pptx",
        "{0} is of an old Office format; save it as .docx, .xlsx or .pptx",
    ),
    Message(
        "{0} 是格式不明的压缩包；请另存为 .docx、.xlsx、.pptx 或 .txt",
        "{0} is an archive of no known format; export it as .docx, .xlsx, .pptx or .txt",
    ),
    Message("{0} 解压后超过上限（QA_READ_UNPACKED_MB）", "{0} unpacks to more than the limit (QA_READ_UNPACKED_MB)"),
    Message(
        "{0} 里的文字超过 {1} MB 的上限（QA_READ_OUTPUT_MB）",
        "{0} holds more text than the limit of {1} MB (QA_READ_OUTPUT_MB)",
    ),
    Message("{0} 超过 {1} MB（QA_READ_FILE_MB）", "{0} is larger than {1} MB (QA_READ_FILE_MB)"),
    Message(
        "读取 {0} 的时间超过 {1} 秒的上限（QA_READ_SECONDS）",
        "{0} takes longer to read than the limit of {1} s (QA_READ_SECONDS)",
    ),
    Message(
        "读取 {0} 的处理器时间超过 {1} 秒的上限（QA_READ_CPU_SECONDS）",
        "{0} takes more CPU time to read than the limit of {1} s (QA_READ_CPU_SECONDS)",
    ),
    Message(
        "读取 {0} 的进程中途崩溃（状态 {1}）：文件已损坏，或所需内存超过 {2} MB 的上限（QA_READ_MEMORY_MB）",
        "{0} broke the process that read it (status {1}): it is damaged, or takes more memory than the limit "
        "of {2} MB (QA_READ_MEMORY_MB)",
    ),
    Message("{0}：不是 JSON（{1}）；每行应是一个 JSON 对象", "{0}: not JSON ({1}); each line is one JSON object"),
    Message('{0}：应是带 "id" 和 "text" 的对象，而不是 {1}', '{0}: {1} instead of an object with "id" and "text"'),
    Message("{0}：id {1} 在第 {2} 行已用过；id 不能重复", "{0}: the id {1} was used on line {2}; ids are unique"),
    Message('{0}："id" 是空的；每份资料都要有名字', '{0}: "id" is empty; every document needs a name'),
    Message('{0}："{1}" 是 {2}；它应是字符串，或者不写', '{0}: "{1}" is {2}; it must be a string or left out'),
    Message('{0}："{1}" 是 {2}；它应是字符串', '{0}: "{1}" is {2}; it must be a string'),
    Message("{0}：含有半个代理对；请写出字符本身", "{0}: holds half of a surrogate pair; write the character itself"),
    Message("{0}：{1} 里有 NUL；请去掉", "{0}: {1} holds a NUL; take it out"),
    Message("{0} 里没有资料", "{0} holds no document"),
    Message("收到的文件已不在了（{0}）", "the file that was received is not there any more ({0})"),
    Message("备份里没有收到的这个文件；请重新上传", "the file that was received is not in the backup; send it again"),
    Message("这里不能用 {0} 这个名字；请换一个", "the name {0} can't be used here; give the document another one"),
    Message(
        "{0} 也在别的资料集里；只有能看到全部这些资料集的人才能替换或删除它",
        "{0} is in other collections too; only who sees all of them can replace or remove it",
    ),
    Message("没有叫 {0} 的资料集", "there is no collection {0}"),
    Message("处理它的进程中断了 {0} 次，没有结果", "its worker ended {0} times without a result"),
)
"""The more particular one first where two fit. A test holds that each reason of reading a file is among them."""


def reason_in(language: Language | None, reason: str) -> str:
    """Return the reasons of a failure, one a line, in a language; each that is not known as it is.

    Args:
        language: None for as they are.
    """
    if language is None:
        return reason
    lines = ((line, matched(line, REASONS)) for line in reason.split("\n"))
    return "\n".join(line if message is None else message(language) for line, message in lines)
