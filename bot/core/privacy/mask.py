"""What is kept instead of a person (PS2): a masked name, four digits, a key that says "the same"."""

from __future__ import annotations

import hashlib
import hmac
import re
import unicodedata

from bot.core.privacy.detect import findings

__all__ = ["customer_key", "last4", "mask_name", "mask_text"]

_STARS = "**"
_CHINESE_TITLES = ("女士", "先生", "小姐", "太太", "老师", "同学")
_ENGLISH_TITLES = ("Mr", "Mrs", "Ms", "Miss", "Mx", "Dr")
_ENGLISH_TITLE = re.compile(rf"({'|'.join(_ENGLISH_TITLES)})\.?\s+(?=\S)", re.IGNORECASE)
_COMPOUND_FAMILY_NAMES = frozenset(
    re.findall(
        "..",
        "欧阳太史端木上官司马东方独孤南宫万俟闻人夏侯诸葛尉迟公羊赫连澹台皇甫宗政濮阳公冶"
        "太叔申屠公孙慕容仲孙钟离长孙宇文司徒鲜于司空令狐",
    )
)
_HAN = re.compile(r"[\u3400-\u9fff]")
_MASKED = re.compile(r"(?:[^\W\d_]{0,2}\*{1,3}|[A-Z]\. \*{3}|(?:[A-Z][a-z]{1,3}\. )\*{3}|\*\w{2})")


def mask_name(name: str, title: str | None = None) -> str:
    """A customer's name as it may be shown and stored.

    With a title only the title is kept (``*女士``).  A Chinese name keeps the family name, any other the
    first letter; the number of stars says nothing of the length.  What is masked already stays as it is.

    >>> mask_name("王小明"), mask_name("王芳女士"), mask_name("王芳", "女士"), mask_name("欧阳娜娜")
    ('王**', '*女士', '*女士', '欧阳**')
    >>> mask_name("John Smith"), mask_name("Ms. Jane Doe"), mask_name("王**"), mask_name("")
    ('J. ***', 'Ms. ***', '王**', '')
    """
    plain = " ".join(unicodedata.normalize("NFKC", name).split())
    title = title.strip() if title else None
    if not plain and not title:
        return ""
    if _MASKED.fullmatch(plain) and not title:
        return plain
    if title is None:
        title = next((t for t in _CHINESE_TITLES if plain.endswith(t)), None)
    if title is None and (spoken := _ENGLISH_TITLE.match(plain)):
        title = spoken.group(1).capitalize()
    if title is not None:
        return f"*{title}" if _HAN.search(title) else f"{title.rstrip('.')}. ***"
    if _HAN.match(plain):
        family = plain[:2] if len(plain) > 2 and plain[:2] in _COMPOUND_FAMILY_NAMES else plain[:1]
        return family + _STARS
    return f"{plain[0].upper()[0]}. ***" if plain[0].isalpha() else "***"


def last4(phone: str) -> str | None:
    """The last four digits of a telephone number; None where there are fewer.

    >>> last4("+86 138-1234-5678"), last4("５６７８"), last4("78")
    ('5678', '5678', None)
    """
    digits = "".join(c for c in unicodedata.normalize("NFKC", phone) if c.isascii() and c.isdigit())
    return digits[-4:] if len(digits) >= 4 else None


def mask_text(text: str) -> str:
    """``text`` with ⟨kind⟩ in place of everything that looks like personal data.

    For texts of other systems, where leaving a part out is better than refusing the whole.

    >>> mask_text("call 13812345678, GD20231027001")
    'call ⟨phone⟩, GD20231027001'
    """
    parts, at = [], 0
    for finding in findings(text):
        parts += [text[at : finding.start], f"⟨{finding.kind.value}⟩"]
        at = finding.end
    return "".join([*parts, text[at:]])


def customer_key(value: str, secret: bytes) -> str:
    """32 hex digits that are the same for the same customer and say nothing of who it is (HMAC-SHA-256).

    Blanks, hyphens, case, full-width forms and China's 86 before a mobile number make no difference.

    >>> customer_key("138 1234 5678", b"k") == customer_key("+86-１３８１２３４５６７８", b"k")
    True
    >>> customer_key("13812345678", b"k") == customer_key("13812345678", b"other")
    False
    """
    plain = re.sub(r"[\s\-()]", "", unicodedata.normalize("NFKC", value)).casefold()
    plain = re.sub(r"^(?:\+|00)?86(?=1[3-9]\d{9}$)", "", plain)
    return hmac.new(secret, f"customer\0{plain}".encode(), hashlib.sha256).hexdigest()[:32]
