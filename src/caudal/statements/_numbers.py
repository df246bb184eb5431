"""Numbers in figures and in words, with the size of the last digit stated."""

from __future__ import annotations

import re

__all__ = ["Stated", "number_at"]

_UNITS = {
    "en": {
        "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
        "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15,
        "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19, "twenty": 20, "thirty": 30, "forty": 40,
        "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
    },
    "es": {
        "cero": 0, "un": 1, "uno": 1, "una": 1, "dos": 2, "tres": 3, "cuatro": 4, "cinco": 5, "seis": 6, "siete": 7,
        "ocho": 8, "nueve": 9, "diez": 10, "once": 11, "doce": 12, "trece": 13, "catorce": 14, "quince": 15,
        "veinte": 20, "treinta": 30, "cuarenta": 40, "cincuenta": 50, "sesenta": 60, "setenta": 70, "ochenta": 80,
        "noventa": 90, "cien": 100, "ciento": 100, "doscientos": 200, "doscientas": 200, "trescientos": 300,
        "trescientas": 300, "cuatrocientos": 400, "cuatrocientas": 400, "quinientos": 500, "quinientas": 500,
        "seiscientos": 600, "seiscientas": 600, "setecientos": 700, "setecientas": 700, "ochocientos": 800,
        "ochocientas": 800, "novecientos": 900, "novecientas": 900,
    },
}  # fmt: skip
_SCALES = {
    "en": {"hundred": 100, "thousand": 1_000, "million": 1_000_000, "millions": 1_000_000, "mn": 1_000_000,
           "k": 1_000, "m": 1_000_000},
    "es": {"mil": 1_000, "millon": 1_000_000, "millones": 1_000_000},
}  # fmt: skip
#: Words that are numbers only when a larger number follows ("un millón", but "un encuentro").
_ARTICLES = {"one", "un", "una", "uno"}
_FIGURE = re.compile(r"\d[\d.,]*")

Stated = tuple[float, float, int]


def _figure(text: str, language: str) -> tuple[float, float] | None:
    """Return value and grain of a number in figures."""
    text = text.rstrip(".,")
    if re.fullmatch(r"\d{1,3}(,\d{3})+", text) or (
        language == "es" and re.fullmatch(r"\d{1,3}(\.\d{3})+", text)
    ):
        value = float(re.sub(r"[.,]", "", text))
        return value, _grain(value)
    if re.fullmatch(r"\d{1,3}(,\d{3})+\.\d+", text):
        whole = text.replace(",", "")
        return float(whole), 10.0 ** -len(whole.split(".")[1])
    mark = "," if language == "es" and "," in text else "."
    if re.fullmatch(r"\d+" + re.escape(mark) + r"\d{1,3}", text):
        return float(text.replace(mark, ".")), 10.0 ** -len(text.split(mark)[1])
    if text.isdigit() and len(text) <= 12:
        return float(text), _grain(float(text))
    return None


def _grain(value: float) -> float:
    grain = 1
    while value and value % (grain * 10) == 0 and grain < 10**9:
        grain *= 10
    return float(grain)


def number_at(words: list[str], at: int, language: str) -> Stated | None:
    """Return value, grain and number of words of the number that begins at a position, or None."""
    if words[at][0].isdigit():
        return _figures_at(words, at, language)
    return _words_at(words, at, language)


def _figures_at(words: list[str], at: int, language: str) -> Stated | None:
    text = words[at]
    scale_word = None
    glued = re.fullmatch(r"([\d.,]+)(k|m|mn)", text)
    if glued:
        text, scale_word = glued[1], glued[2]
    read = _figure(text, language)
    if read is None:
        return None
    value, grain = read
    used = 1
    scale = _SCALES[language].get(scale_word or "", 0)
    if not scale and at + 1 < len(words):
        scale = _SCALES[language].get(words[at + 1], 0)
        used += bool(scale)
    if scale:
        decimals = grain if grain < 1 else None
        value *= scale
        # 300 thousand has the grain of its last digit that is not a zero; 2.50 million of the one written.
        grain = decimals * scale if decimals else _grain(round(value))
    if scale == 1_000_000 and language == "es" and at + used < len(words) and words[at + used][0].isdigit():
        rest = _figures_at(words, at + used, language)  # 2 millones 475 mil 669
        if rest and rest[0] < scale and value % scale == 0:
            return value + rest[0], rest[1], used + rest[2]
    if (
        scale == 1_000
        and language == "es"
        and at + used < len(words)
        and re.fullmatch(r"\d{1,3}", words[at + used])
    ):
        after = words[at + used + 1 : at + used + 2]
        if after not in (["%"], ["por"]) and value % scale == 0:  # 301 mil 981
            value += float(words[at + used])
            return value, 1.0, used + 1
    return round(value, 6), grain, used


def _and_a_half(words: list[str], at: int, language: str) -> Stated | None:
    """Read "two and a half million", "a million and a half", "dos millones y medio", "millón y medio"."""
    if language == "en":
        if words[at : at + 5] == ["a", "million", "and", "a", "half"]:
            return 1_500_000.0, 100_000.0, 5
        if words[at + 1 : at + 5] == ["and", "a", "half", "million"]:
            units = _UNITS["en"].get(words[at], 0)
            return ((units + 0.5) * 1_000_000, 100_000.0, 5) if 0 < units < 100 else None
        return None
    after = at if words[at] == "millon" else at + 1
    if words[after : after + 3] not in (["millones", "y", "medio"], ["millon", "y", "medio"]):
        return None
    units = 1 if after == at else _UNITS["es"].get(words[at], 0)
    return ((units + 0.5) * 1_000_000, 100_000.0, after + 3 - at) if 0 < units < 1000 else None


def _words_at(words: list[str], at: int, language: str) -> Stated | None:
    units, scales = _UNITS[language], _SCALES[language]
    total = current = 0.0
    used = 0
    big = 0
    halved = _and_a_half(words, at, language)
    if halved:
        return halved
    half = {"en": ("half", "a"), "es": ("medio",)}[language]
    if tuple(words[at : at + len(half)]) == half and words[at + len(half) : at + len(half) + 1] in (
        ["million"],
        ["millon"],
    ):
        return 500_000.0, 100_000.0, len(half) + 1
    while at + used < len(words):
        word = words[at + used]
        parts = word.split("-") if language == "en" and "-" in word else [word]
        if all(part in units for part in parts):
            if used and current and current % 10 and current < 20 and not big:
                break
            current += sum(units[part] for part in parts)
        elif (
            word == "y"
            and language == "es"
            and used
            and words[at + used + 1 : at + used + 2]
            and (
                words[at + used + 1] in units
                and units[words[at + used + 1]] < 10
                and current % 10 == 0
                and current >= 30
            )
        ):
            pass
        elif word in scales and scales[word] >= 100 and (used or word == "mil") and len(word) > 2:
            if scales[word] == 100:
                current = max(current, 1) * 100
            else:
                total += max(current, 1) * scales[word]
                current, big = 0.0, big + 1
        else:
            break
        used += 1
    if not used:
        return None
    value = total + current
    if used == 1 and (words[at] in _ARTICLES):
        return None
    return value, _grain(value), used
