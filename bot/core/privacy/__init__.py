"""Personal data in texts: what is found, what is refused, what is masked (PS1, PS2)."""

from bot.core.privacy.detect import Finding, FindingKind, findings
from bot.core.privacy.mask import customer_key, last4, mask_name, mask_text
from bot.core.privacy.refuse import refuse_personal

__all__ = [
    "Finding",
    "FindingKind",
    "customer_key",
    "findings",
    "last4",
    "mask_name",
    "mask_text",
    "refuse_personal",
]
