"""Chinese text in Latin letters (pinyin), so that a name typed by its sound meets the name as written."""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from itertools import accumulate

from vectorstore.text.language import HAN
from vectorstore.text.segmentation import cut

_NO_LETTER = re.compile("[^a-z]")
_RUN = re.compile(f"[{HAN}]{{2,}}")


@lru_cache(maxsize=8192)
def romanised(text: str) -> str:
    """Return ``text`` in pinyin without tones or spaces: "zhongjiang" for 中江."""
    from pypinyin import lazy_pinyin  # takes 0.3 s to import, and most questions have their names right

    return "".join(lazy_pinyin(text))


@lru_cache(maxsize=1024)
def sounding(name: str, text: str) -> frozenset[str]:
    """Return the stretches of ``text``, two characters and longer, that sound like ``name``: 黑石岭 for "Heishiling".

    By any reading of its characters, of which a dictionary of words knows but one: names have others. A stretch begins
    where a word does: 式方 of 方式方法 is no "Shifang".
    """
    letters, found = letters_of(name), set()
    for run in _RUN.finditer(text):
        stretches = {(start, end) for start in range(len(run[0]) - 1) for end in _ends(letters, run[0], start)}
        if any(end - start > 1 for start, end in stretches):
            begins = {0, *accumulate(map(len, cut(run[0])))}
            found |= {run[0][start:end] for start, end in stretches if start in begins and end - start > 1}
    return frozenset(found)


def letters_of(name: str) -> str:
    """Return the letters of ``name`` in lower case, without apostrophes, hyphens and spaces: "xian" for "Xi'an"."""
    return _NO_LETTER.sub("", name.lower())


def is_pinyin(letters: str) -> bool:
    """Whether ``letters``, in lower case, are two or more syllables of Chinese."""
    return _syllables().fullmatch(letters) is not None


@cache
def _syllables() -> re.Pattern[str]:
    from pypinyin.constants import PINYIN_DICT

    toned = {sound for sounds in set(PINYIN_DICT.values()) for sound in sounds.split(",")}
    apart = (unicodedata.normalize("NFD", sound).replace("u\N{COMBINING DIAERESIS}", "v") for sound in toned)
    plain = {typed for sound in apart for typed in _as_typed(_NO_LETTER.sub("", sound))}
    return re.compile(f"(?:{'|'.join(sorted(sound for sound in plain if set(sound) & set('aeiouv')))}){{2,}}")


def _as_typed(sound: str) -> list[str]:
    """Return a syllable as people type it: ü is "v", "u" and "yu"."""
    return [sound, *(sound.replace("v", other) for other in ("u", "yu") if "v" in sound)]


def _ends(letters: str, text: str, start: int) -> set[int]:
    """Return where stretches of ``text`` that begin at ``start`` and sound like ``letters`` end."""
    at = {start: {0}}  # of the text -> as many of the letters as are read there
    ends = set()
    for place in range(start, len(text)):
        for read in at.pop(place, ()):
            for sound in _readings(text[place]):
                if letters.startswith(sound, read):
                    if read + len(sound) == len(letters):
                        ends.add(place + 1)
                    else:
                        at.setdefault(place + 1, set()).add(read + len(sound))
        if not at:
            break
    return ends


@lru_cache(maxsize=32768)
def _readings(character: str) -> frozenset[str]:
    """Return all readings of a character without tones, as people type them."""
    from pypinyin import Style, pinyin

    (found,) = pinyin(character, style=Style.NORMAL, heteronym=True)
    return frozenset(typed for sound in found for typed in _as_typed(sound))
