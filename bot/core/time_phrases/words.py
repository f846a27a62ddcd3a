"""The words times are made of, in both languages, and how a text is cut into them.

A text is brought into one form first (full-width and traditional characters, capitals, runs of blanks),
then cut in one pass from left to right, the longest word first.  What is no such word ends the pass.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

__all__ = ["LONGEST_TEXT", "Part", "Sort", "Word", "cut"]

LONGEST_TEXT: Final = 400
"""[characters] More is not looked at: no time is that long."""


class Sort(Enum):
    """What kind of word."""

    NUMBER = auto()  # value: float
    ORDINAL = auto()  # "18th"; value: int
    CLOCK = auto()  # "18:00"; value: (hour, minute, exact)
    DATE = auto()  # "2026-11-26", "3/18"; value: (year or None, month, day)
    DAY = auto()  # today and its neighbours; value: days from today
    DAY_PART = auto()  # "tonight"; value: (days from today, Part)
    PART = auto()  # value: Part
    HALF_DAY = auto()  # am, pm; value: Part
    NOON = auto()  # value: minutes of the day
    WEEKDAY = auto()  # value: (week from this one or None, Monday 0)
    WEEK = auto()  # value: week from this one
    WEEK_OF = auto()  # "next", before a weekday; value: week from this one
    MONTH = auto()  # an English month's name; value: 1 to 12
    MONTH_END = auto()
    CLOSE = auto()  # close of business
    YEAR_SIGN = auto()
    MONTH_SIGN = auto()
    DAY_SIGN = auto()  # 日; value: True where it may also count days
    OCLOCK = auto()
    MINUTE_SIGN = auto()
    PAST = auto()  # "half past"; value: minutes after the hour
    QUARTER = auto()  # 一刻 after an hour; value: minutes
    HALF = auto()
    MEASURE = auto()  # 个
    LENGTH = auto()  # "half an hour"; value: minutes
    MINUTES = auto()  # units; value: minutes in one
    DAYS = auto()  # value: days in one
    WORKING_DAYS = auto()
    WORKING_HOURS = auto()
    ZONE = auto()  # "Z", "+08:00" after a clock time; value: minutes
    BEFORE = auto()
    AT = auto()
    WITHIN = auto()
    AFTER = auto()
    AGO = auto()
    NOISE = auto()


class Part(Enum):
    """A part of the day."""

    DAWN = "dawn"
    MORNING = "morning"
    NOON = "noon"
    AFTERNOON = "afternoon"
    EVENING = "evening"


@dataclass(frozen=True, slots=True)
class Word:
    """``end``: where it ends in the text as given.  ``postposed``: belongs to what stands before it."""

    sort: Sort
    value: object
    end: int
    postposed: bool = False


def _table() -> dict[str, tuple[Sort, object]]:
    words: dict[str, tuple[Sort, object]] = {}

    def add(sort: Sort, value: object, *names: str) -> None:
        words.update(dict.fromkeys(names, (sort, value)))

    add(Sort.DAY, 0, "今天", "今日", "当天", "当日", "本日", "今儿", "today")
    add(Sort.DAY, 1, "明天", "明日", "明儿", "tomorrow", "tmrw", "tmr")
    add(Sort.DAY, 2, "后天", "后日", "day after tomorrow")
    add(Sort.DAY, 3, "大后天")
    add(Sort.DAY, -1, "昨天", "昨日", "yesterday")
    add(Sort.DAY, -2, "前天", "day before yesterday")
    add(Sort.DAY_PART, (0, Part.EVENING), "今晚", "今夜", "tonight", "this evening")
    add(Sort.DAY_PART, (0, Part.MORNING), "今早", "今晨", "this morning")
    add(Sort.DAY_PART, (0, Part.AFTERNOON), "this afternoon")
    add(Sort.DAY_PART, (1, Part.MORNING), "明早", "明晨")
    add(Sort.DAY_PART, (1, Part.EVENING), "明晚")
    add(Sort.DAY_PART, (-1, Part.EVENING), "昨晚", "last night")
    add(Sort.PART, Part.DAWN, "凌晨")
    add(Sort.PART, Part.MORNING, "清晨", "早晨", "早上", "上午", "午前", "morning")
    add(Sort.PART, Part.NOON, "中午")
    add(Sort.PART, Part.AFTERNOON, "下午", "午后", "afternoon")
    add(Sort.PART, Part.EVENING, "傍晚", "晚上", "晚间", "夜里", "晚", "evening", "night")
    add(Sort.HALF_DAY, Part.MORNING, "am", "a.m.", "a.m")
    add(Sort.HALF_DAY, Part.AFTERNOON, "pm", "p.m.", "p.m")
    add(Sort.NOON, 12 * 60, "正午", "noon", "midday")
    add(Sort.NOON, 24 * 60, "午夜", "半夜", "midnight")
    for index, names in enumerate(
        ("monday mon", "tuesday tue tues", "wednesday wed", "thursday thu thur thurs", "friday fri",
         "saturday sat", "sunday sun")
    ):  # fmt: skip
        add(Sort.WEEKDAY, (None, index), *names.split())
    for index, chinese in enumerate(("一", "二", "三", "四", "五", "六", "日天")):
        for sign in chinese:
            for week in ("周", "星期", "礼拜"):
                add(Sort.WEEKDAY, (None, index), f"{week}{sign}")
                for near in ("这", "本", "这个"):
                    add(Sort.WEEKDAY, (0, index), f"{near}{week}{sign}")
                for far in ("下", "下个"):
                    add(Sort.WEEKDAY, (1, index), f"{far}{week}{sign}")
                for further in ("下下", "下下个"):
                    add(Sort.WEEKDAY, (2, index), f"{further}{week}{sign}")
                add(Sort.WEEKDAY, (-1, index), f"上{week}{sign}", f"上个{week}{sign}")
    add(Sort.WEEK, 0, "本周", "这周", "本星期", "这星期", "这个星期", "本周末前", "this week", "eow")
    add(Sort.WEEK, 0, "end of week", "end of the week", "end of this week")
    add(Sort.WEEK, 1, "下周", "下星期", "下个星期", "下礼拜", "next week", "end of next week")
    add(Sort.WEEK, -1, "上周", "上星期", "last week")
    add(Sort.WEEK_OF, 0, "this")
    add(Sort.WEEK_OF, 1, "next")
    add(Sort.WEEK_OF, -1, "last")
    for index, names in enumerate(
        ("january jan", "february feb", "march mar", "april apr", "may", "june jun", "july jul",
         "august aug", "september sept sep", "october oct", "november nov", "december dec"),
        start=1,
    ):  # fmt: skip
        add(Sort.MONTH, index, *names.split())
    add(Sort.MONTH_END, None, "月底", "本月底", "月末", "本月内", "end of month", "end of the month", "eom")
    add(Sort.MONTH_END, None, "this month")
    add(Sort.CLOSE, None, "下班", "下班时间", "打烊", "营业结束", "收工", "关门", "eod", "cob")
    add(Sort.CLOSE, None, "end of day", "end of the day", "end of business", "close of business")
    add(Sort.CLOSE, None, "closing time", "close of play")
    add(Sort.YEAR_SIGN, None, "年")
    add(Sort.MONTH_SIGN, None, "月", "月份")
    add(Sort.DAY_SIGN, True, "日")
    add(Sort.DAY_SIGN, False, "号")
    add(Sort.OCLOCK, None, "点", "点钟", "点整", "时", "时整", "o'clock", "o’clock", "oclock")
    add(Sort.MINUTE_SIGN, None, "分")
    add(Sort.PAST, 30, "half past")
    add(Sort.PAST, 15, "quarter past", "a quarter past")
    add(Sort.PAST, -15, "quarter to", "a quarter to")
    add(Sort.QUARTER, 15, "一刻")
    add(Sort.QUARTER, 45, "三刻")
    add(Sort.HALF, None, "半")
    add(Sort.MEASURE, None, "个")
    add(Sort.LENGTH, 15, "一刻钟", "quarter of an hour", "a quarter of an hour", "quarter hour")
    add(Sort.LENGTH, 45, "三刻钟")
    add(Sort.LENGTH, 30, "半小时", "半个小时", "半个钟头", "半钟头", "half an hour", "half hour")
    add(Sort.LENGTH, 30, "a half hour", "half-hour")
    add(Sort.LENGTH, 90, "hour and a half", "an hour and a half", "one and a half hours")
    add(Sort.MINUTES, 1, "分钟", "minutes", "minute", "mins", "min", "m")
    add(Sort.MINUTES, 60, "小时", "钟头", "hours", "hour", "hrs", "hr", "h")
    add(Sort.DAYS, 1, "天", "days", "day", "d")
    add(Sort.DAYS, 7, "周", "星期", "礼拜", "weeks", "week")
    add(Sort.WORKING_DAYS, None, "工作日", "工作天", "working days", "working day", "business days")
    add(Sort.WORKING_DAYS, None, "business day", "workdays", "workday")
    add(Sort.WORKING_HOURS, None, "工作小时", "working hours", "working hour", "business hours")
    add(Sort.BEFORE, None, "前", "之前", "以前", "截止", "截至", "为止", "最晚", "最迟", "不晚于", "至")
    add(Sort.BEFORE, None, "by", "before", "until", "till", "no later than", "not later than", "at latest")
    add(Sort.BEFORE, None, "latest", "at the latest", "by the latest")
    add(Sort.AT, None, "at", "on", "@")
    add(Sort.WITHIN, None, "内", "之内", "以内", "within", "in", "in the next", "within the next")
    add(Sort.AFTER, None, "后", "之后", "以后", "later", "from now", "after")
    add(Sort.AGO, None, "ago")
    add(Sort.NOISE, None, "的", "在", "于", "到", "左右", "the", "of", "and", "about", "around", ",", "，")
    add(Sort.NOISE, None, "、", "。", ".", "-", "–", ";", "；")
    numbers = "one two three four five six seven eight nine ten eleven twelve"
    for index, name in enumerate(numbers.split(), start=1):
        add(Sort.NUMBER, float(index), name)
    more = {"a": 1, "an": 1, "a couple of": 2, "fifteen": 15, "twenty": 20, "thirty": 30, "forty": 40}
    for name, amount in {**more, "forty-five": 45, "forty five": 45, "sixty": 60, "ninety": 90}.items():
        add(Sort.NUMBER, float(amount), name)
    return words


_WORDS: Final = _table()
_POSTPOSED: Final = frozenset(
    {"前", "之前", "以前", "为止", "截止", "内", "之内", "以内", "后", "之后", "以后", "左右"}
    | {"later", "ago", "from now", "latest", "at latest", "at the latest"}
)
_DIGITS: Final = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
# One to one, so that places in the text stay what they are.
_SIMPLIFIED: Final = str.maketrans(
    "點個後內時鐘週禮兩號結於從這當間營業裡裏頭關門遲", "点个后内时钟周礼两号结于从这当间营业里里头关门迟"
)


def _alternatives(names: Iterable[str]) -> str:
    ordered = sorted(names, key=lambda name: (-len(name), name))
    # A Latin word ends where its letters end; Chinese ones stand without blanks.
    return "|".join(
        re.escape(n) + ("(?![a-z])" if n[-1].isascii() and n[-1].isalpha() else "") for n in ordered
    )


_WORD: Final = re.compile(
    r"(?P<iso>[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}|[0-9]{4}/[0-9]{1,2}/[0-9]{1,2}|[0-9]{4}\.[0-9]{1,2}\.[0-9]{1,2})"
    r"(?![0-9])"
    r"|(?P<slash>[0-9]{1,2}/[0-9]{1,2})(?![0-9/])"
    r"|(?P<clock>[0-9]{1,2}:[0-9]{2})(?::[0-9]{2}(?:\.[0-9]{1,6})?)?(?![0-9:])"
    r"|(?P<ordinal>[0-9]{1,2})(?:st|nd|rd|th)(?![a-z])"
    r"|(?P<number>[0-9]{1,4}(?:\.[0-9]{1,2})?)(?![0-9])"
    rf"|(?P<word>{_alternatives(_WORDS)})"
    r"|(?P<chinese>[零〇一二两三四五六七八九十]{1,3})"
)
_OFFSET: Final = re.compile(r"z(?![a-z])|[+-](?:0[0-9]|1[0-4]):?[0-5][0-9](?![0-9])")


def cut(text: str) -> list[Word]:
    """The words at the beginning of a text, up to the first thing that is none.

    >>> [(w.sort.name, w.value) for w in cut("明天上午10點前 打电话")]
    [('DAY', 1), ('PART', <Part.MORNING: 'morning'>), ('NUMBER', 10.0), ('OCLOCK', None), ('BEFORE', None)]
    """
    plain, ends = _plain(text[:LONGEST_TEXT])
    return list(_words(plain, ends))


def _plain(text: str) -> tuple[str, list[int]]:
    """The text in one form, and for each of its characters where it ended in the text as given."""
    found: list[str] = []
    ends: list[int] = []
    for place, raw in enumerate(text, start=1):
        for char in unicodedata.normalize("NFKC", raw).casefold().translate(_SIMPLIFIED):
            if char.isspace():
                if not found or found[-1] == " ":
                    continue
                char = " "
            found.append(char)
            ends.append(place)
    return "".join(found), ends


def _words(plain: str, ends: list[int]) -> Iterator[Word]:
    place = 0
    last: tuple[Sort | None, Sort | None] = (None, None)
    while place < len(plain):
        if plain[place] == " " or (plain[place] == "t" and last[1] is Sort.DATE):
            place += 1
            continue
        if last == (Sort.DATE, Sort.CLOCK) and (zone := _OFFSET.match(plain, place)):
            place, last = zone.end(), (None, None)
            yield Word(Sort.ZONE, _minutes_east(zone.group()), ends[place - 1])
            continue
        match = _WORD.match(plain, place)
        if match is None:
            return
        word = _word(match, ends[match.end() - 1])
        if word is None:
            return
        yield word
        place, last = match.end(), (last[1], word.sort)


def _word(match: re.Match[str], end: int) -> Word | None:
    kind, text = match.lastgroup, match.group()
    if kind == "word":
        sort, value = _WORDS[text]
        return Word(sort, value, end, postposed=text in _POSTPOSED)
    if kind == "number":
        return Word(Sort.NUMBER, float(text), end)
    if kind == "ordinal":
        return Word(Sort.ORDINAL, int(match["ordinal"]), end)
    if kind == "clock":
        hour, minute = match["clock"].split(":")
        # 18:00, 06:30 and 0:15 are of 24 hours; 6:30 may be of twelve.
        exact = len(hour) == 2 or hour == "0"
        return Word(Sort.CLOCK, (int(hour), int(minute), exact), end)
    if kind == "iso":
        year, month, day = (int(n) for n in re.split(r"[-/.]", match["iso"]))
        return Word(Sort.DATE, (year, month, day), end)
    if kind == "slash":
        return _slashed(match["slash"], end)
    number = _chinese_number(text)
    return None if number is None else Word(Sort.NUMBER, float(number), end)


def _slashed(text: str, end: int) -> Word | None:
    """``3/18`` where only one reading is a date; ``3/4`` is left to its writer."""
    first, second = (int(n) for n in text.split("/"))
    if first == second or (first <= 12 < second):
        return Word(Sort.DATE, (None, first, second), end)
    if second <= 12 < first:
        return Word(Sort.DATE, (None, second, first), end)
    return None


def _chinese_number(text: str) -> int | None:
    """Up to 99.

    >>> [_chinese_number(n) for n in ("十", "十八", "二十", "三十五", "两", "二五")]
    [10, 18, 20, 35, 2, None]
    """
    tens, ten, ones = text.partition("十")
    if not ten:
        return _DIGITS[text] if len(text) == 1 else None
    if len(tens) > 1 or len(ones) > 1 or "十" in ones:
        return None
    return (_DIGITS[tens] if tens else 1) * 10 + (_DIGITS[ones] if ones else 0)


def _minutes_east(text: str) -> int:
    if text == "z":
        return 0
    digits = text[1:].replace(":", "")
    minutes = int(digits[:2]) * 60 + int(digits[2:])
    return -minutes if text[0] == "-" else minutes
