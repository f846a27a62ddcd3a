"""Detailed addresses: a street with a number, a building with a unit or room, a village with its group.

A town or a district alone is no detailed address.  Every pattern is bounded, so the time grows with the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.core.privacy.number_places import Place

__all__ = ["address_places"]

_NUMBER = r"(?:[0-9]{1,5}(?:-[0-9]{1,4})?|[一二三四五六七八九十百零〇]{1,6}|[XxＸ*]{2,4})"
_NAME = r"[\u4e00-\u9fffA-Za-z0-9]{1,8}"
_HOUSE = r"(?:号|號|弄|巷|号院)"
# Words that only look like streets: 线路, 电路, 知道, 频道, 公交 3 号线 ...
_STREET = (
    r"(?:(?<![线線电電思网網套出退链走半])(?:路|街)|(?<![知报報难味频頻渠通轨軌跑管航])道|大道|胡同|巷|弄)"
)
_STREET_NUMBER = re.compile(
    rf"{_NAME}?{_STREET} ?(?:[东西南北中]段)? ?(?:门牌)?[甲乙]?{_NUMBER} ?{_HOUSE}(?![线線])"
)
_BUILDING_WORD = r"(?:号楼|號樓|号院|栋|棟|幢|单元|單元)"
_BUILDING = re.compile(
    rf"(?:[A-Za-z]|{_NUMBER}) ?(?:{_BUILDING_WORD}|座|号|號|期) ?,?(?:[A-Za-z]|{_NUMBER}) ?"
    r"(?:号楼|栋|棟|幢|单元|單元|层|層|楼|樓|室|房|户|戶)"
)
_BUILDING_ROOM = re.compile(rf"[0-9A-Za-z]{{1,4}} ?{_BUILDING_WORD} ?-?[0-9]{{3,4}}(?![0-9])")
_ESTATE = re.compile(
    r"(?:小区|小區|花园|花園|公寓|新村|家园|家園|嘉园|苑|庄园|大厦|大廈|广场|宿舍) ?"
    rf"(?:[A-Za-z]|[A-Za-z]?{_NUMBER}) ?(?:号|號|{_BUILDING_WORD}|座|室|期)"
)
_VILLAGE = re.compile(rf"(?:村|屯|庄|寨) ?第?{_NUMBER} ?(?:号|號|组|組|队|隊|社)")
_RURAL = re.compile(
    r"[\u4e00-\u9fff]{1,6}(?:县|縣|区|區|市|旗)[\u4e00-\u9fff]{1,6}(?:镇|鎮|乡|鄉)[\u4e00-\u9fff]{1,6}(?:村|屯)"
)
_DISTRICT_STREET = re.compile(
    r"(?:市|区|區|县|縣|镇|鎮)[\u4e00-\u9fff]{1,8}(?:路|街|道|巷|弄) ?[0-9]{1,5}(?:-[0-9]{1,4})?"
    r"(?![0-9年月日:点號号])"
)
_CHINESE = (
    _STREET_NUMBER, _BUILDING, _BUILDING_ROOM, _ESTATE, _VILLAGE, _RURAL, _DISTRICT_STREET,
)  # fmt: skip

_PROPER = r"(?:[A-Z][A-Za-z.'-]{0,20} {1,2}){1,4}"
_HOUSE_NUMBER = r"(?<![0-9A-Za-z.])[0-9]{1,5}[A-Za-z]?(?:[-/][0-9]{1,5})?,? {1,2}"
_ENGLISH_STREET = re.compile(
    _HOUSE_NUMBER
    + _PROPER
    + r"(?:Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Drive|Dr|Boulevard|Blvd|Court|Ct|Square|Sq|Place|Pl|Terrace"
    r"|Way|Close|Crescent|Highway|Hwy|Alley|Parkway|Lu|Jie|Dadao)\b"
)
# Without capitals only the plain words, and only where the address ends or goes on after a comma.
_LOWER_STREET = re.compile(
    _HOUSE_NUMBER + r"(?!(?:the|a|an|on|of|in|to|for|at|and|or|per|from|by)\b)"
    r"(?:[a-z'-]{2,20} {1,2}){1,3}(?:street|road|avenue|boulevard|lane) ?(?=$|[,.;\n])",
    re.IGNORECASE,
)
_ROMANCE_STREET = re.compile(
    r"\b(?:Rua|R\.|Avenida|Av\.|Travessa|Largo|Praça|Calle|Rue|Plaza|Piazza) "
    r"(?:[\w'.-]{1,20} ){0,5}[\w'.-]{1,20},? (?:n\.?[ºo°]? ?)?[0-9]{1,5}\b"
)
_GERMAN_STREET = re.compile(r"\b[A-ZÄÖÜ][\wäöüß-]{2,30}(?:straße|strasse|str\.|weg|platz|allee) [0-9]{1,4}\b")
_ROOM = re.compile(
    r"\b(?:apt|apartment|flat|suite|unit|room)\.? {0,2}#?[0-9]{1,5}[a-z]?,? {1,2}"
    r"(?:building|block|tower|[0-9])",
    re.IGNORECASE,
)
_LATIN = (_ENGLISH_STREET, _LOWER_STREET, _ROMANCE_STREET, _GERMAN_STREET, _ROOM)


def address_places(plain: str) -> Iterator[Place]:
    """Detailed addresses in ``plain`` (see `plain_text`)."""
    chinese = () if plain.isascii() else _CHINESE
    latin = _LATIN if " " in plain else ()
    for pattern in chinese + latin:
        for match in pattern.finditer(plain):
            yield Place(match.start(), match.end())
