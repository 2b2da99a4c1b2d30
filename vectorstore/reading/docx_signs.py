"""Signs that Word documents take from fonts of signs: ticks, boxes and Greek letters, as characters of Unicode."""

from __future__ import annotations

_SIGNS = {
    "wingdings": {
        0x6C: "●", 0x6E: "■", 0x6F: "□", 0x75: "◆", 0xA1: "○", 0xA7: "▪", 0xA8: "□", 0xD8: "➢", 0xDF: "←", 0xE0: "→",
        0xE1: "↑", 0xE2: "↓", 0xFB: "✗", 0xFC: "✓", 0xFD: "☒", 0xFE: "☑",
    },
    "wingdings 2": {
        0x4F: "✗", 0x50: "✓", 0x51: "☒", 0x52: "☑", 0x53: "☒", 0x54: "☒", 0x98: "■", 0x99: "□", 0xA2: "■", 0xA3: "□",
    },
    "symbol": {
        0x44: "Δ", 0x53: "Σ", 0x57: "Ω", 0x61: "α", 0x62: "β", 0x64: "δ", 0x67: "γ", 0x6C: "λ", 0x6D: "μ", 0x70: "π",
        0x71: "θ", 0x72: "ρ", 0x73: "σ", 0xA3: "≤", 0xA5: "∞", 0xAE: "→", 0xB0: "°", 0xB1: "±", 0xB3: "≥", 0xB4: "×",
        0xB7: "•", 0xB8: "÷", 0xB9: "≠", 0xBB: "≈", 0xD6: "√",
    },
}  # fmt: skip
"""By the font, in lower case, and the place in it."""
_PRIVATE = 0xF000
"""Where Word puts the places of such fonts."""


def sign(font: str, place: str) -> str:
    """Return the sign at a place of a font, which is given in hexadecimal figures; empty for one that isn't known."""
    if len(place) > 4 or not place.isalnum():
        return ""
    try:
        code = int(place, 16)
    except ValueError:
        return ""
    signs = _SIGNS.get(font.lower())
    if signs is not None or code >= _PRIVATE:
        return (signs or {}).get(code % 0x100, "")
    return chr(code)
