"""Words not to be promised with (CP10): "definitely", 保证, or a day on which a refund arrives.

A check warns and suggests; it changes nothing.  What is flagged is a phrase of the table or of app.yaml,
never the text around it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

__all__ = ["FORBIDDEN", "ForbiddenPhrase", "Overpromise", "overpromises"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ForbiddenPhrase:
    """``better``: what to write in its place, in the language of the phrase; "" where there is nothing."""

    phrase: str
    better: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Overpromise:
    """``phrase``: as the table has it; ``better``: what to write instead."""

    phrase: str
    better: str


_DO_OUR_BEST: Final = "we will do our best to"
_TRY_ZH: Final = "我们会尽力"

FORBIDDEN: Final = (
    ForbiddenPhrase(phrase="一定", better=_TRY_ZH),
    ForbiddenPhrase(phrase="必定", better=_TRY_ZH),
    ForbiddenPhrase(phrase="绝对", better="按目前的情况"),
    ForbiddenPhrase(phrase="保证", better=_TRY_ZH),
    ForbiddenPhrase(phrase="肯定退款", better="我们会为您提交退款申请"),
    ForbiddenPhrase(phrase="肯定会", better=_TRY_ZH),
    ForbiddenPhrase(phrase="百分之百", better="按目前的情况"),
    ForbiddenPhrase(phrase="百分百", better="按目前的情况"),
    ForbiddenPhrase(phrase="definitely", better=_DO_OUR_BEST),
    ForbiddenPhrase(phrase="absolutely", better="as things stand"),
    ForbiddenPhrase(phrase="certainly", better=_DO_OUR_BEST),
    ForbiddenPhrase(phrase="guarantee", better=_DO_OUR_BEST),
    ForbiddenPhrase(phrase="guaranteed", better="expected"),
    ForbiddenPhrase(phrase="guarantees", better=_DO_OUR_BEST),
    ForbiddenPhrase(phrase="for sure", better="as things stand"),
    ForbiddenPhrase(phrase="without fail", better=_DO_OUR_BEST),
)

REFUND_ZH: Final = Overpromise(phrase="退款到账时间", better="退款申请已提交，到账时间以银行为准")
REFUND_EN: Final = Overpromise(
    phrase="a day on which a refund arrives",
    better="the refund has been requested; the bank decides when it arrives",
)

_NOT_ZH: Final = re.compile(r"(?:不|没|未|无法|难以|不能|不敢|不可能|并非)(?:能|敢|会|可能|是)?$")
_NOT_EN: Final = re.compile(r"(?:\bnot|n't|n’t|\bcannot|\bno|\bnever)(?: (?:a|be|be able to))? $")
_OTHER_MEANING: Final = re.compile(r"(?:一定(?:的|程度|数量|比例|范围|条件)|保证(?:金|书|人)|绝对值)")
_REFUND: Final = re.compile(r"退款|退钱|退回|refund|money back|reimburs")
_ARRIVES: Final = re.compile(
    r"到账|到帐|到您|打到|收到|arriv|in your account|reach you|credited|receive|get (?:it|your|the)"
)
_A_TIME: Final = re.compile(
    r"(?:[0-9]+|[一二两三四五六七八九十])个?(?:工作日|天|日|号|小时|分钟|周)|今天|明天|后天|当天|本周|下周|周[一二三四五六日]|月底|马上|立即"
    r"|\b(?:[0-9]+|one|two|three|five|seven) (?:working |business )?(?:days?|hours?|minutes?|weeks?)\b"
    r"|\btoday\b|\btomorrow\b|\btonight\b|\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b|\bimmediately\b"
)
_SENTENCE: Final = re.compile(r"[。！？!?；;\n]|\. ")


def overpromises(text: str, extra: Iterable[ForbiddenPhrase] = ()) -> tuple[Overpromise, ...]:
    """What a text promises that nobody can promise, each phrase once, in order of the table.

    A phrase that is denied ("cannot guarantee", 不一定) or means something else (保证金) is none.

    >>> [f.phrase for f in overpromises("We will definitely call. 我们不能保证时间。")]
    ['definitely']
    >>> overpromises("退款3个工作日内到账")[0].better
    '退款申请已提交，到账时间以银行为准'
    """
    plain = unicodedata.normalize("NFKC", text).casefold()
    plain = _OTHER_MEANING.sub(" ", plain)
    found = [
        Overpromise(phrase=entry.phrase, better=entry.better)
        for entry in (*FORBIDDEN, *extra)
        if any(not _denied(plain, place) for place in _places(plain, entry.phrase))
    ]
    return tuple(dict.fromkeys([*found, *_refunds(plain)]))


def _places(plain: str, phrase: str) -> Iterator[int]:
    wanted = unicodedata.normalize("NFKC", phrase).casefold()
    if not wanted:
        return
    place = plain.find(wanted)
    while place >= 0:
        end = place + len(wanted)
        # A Latin phrase is found as words, not inside others.
        inside = (wanted[0].isascii() and _letter(plain[place - 1 : place])) or (
            wanted[-1].isascii() and _letter(plain[end : end + 1])
        )
        if not inside:
            yield place
        place = plain.find(wanted, end)


def _letter(char: str) -> bool:
    return char.isascii() and char.isalnum()


def _denied(plain: str, place: int) -> bool:
    before = plain[max(0, place - 16) : place]
    return bool(_NOT_ZH.search(before) or _NOT_EN.search(before))


def _refunds(plain: str) -> Iterator[Overpromise]:
    for sentence in _SENTENCE.split(plain):
        if _REFUND.search(sentence) and _ARRIVES.search(sentence) and _A_TIME.search(sentence):
            yield REFUND_ZH if re.search(r"[一-鿿]", sentence) else REFUND_EN
