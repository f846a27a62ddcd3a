"""Times as people write them in Chinese and English, to an instant: "今天18点前", "in 30 min"."""

from bot.core.time_phrases.meaning import LONGEST, Assumption, PhraseKind, Understood
from bot.core.time_phrases.reading import leading_time, read_time

__all__ = ["LONGEST", "Assumption", "PhraseKind", "Understood", "leading_time", "read_time"]
