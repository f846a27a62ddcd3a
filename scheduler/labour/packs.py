"""Packs of labour law: each rule with its source, how strict it is taken, and its numbers.

Presets, not legal advice.  A pack holds what its texts say in so many words; what it says nothing about is
named in ``silent``, so that a receipt can call it not covered instead of legal.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from scheduler.errors import RosterError

__all__ = ["PACKS", "LabourPack", "LabourRule", "Severity", "rule_names"]


class Severity(StrEnum):
    """HARD refuses publication, WARNING only says."""

    HARD = "hard"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, kw_only=True)
class LabourRule:
    """``code`` names what is judged (`scheduler.labour.judgements`), ``source`` law and article.

    ``parameters`` are the law's numbers; hours unless the name says otherwise.
    """

    code: str
    source: str
    severity: Severity
    parameters: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "parameters", MappingProxyType(dict(self.parameters)))

    def __reduce__(self) -> tuple[object, ...]:
        # A mapping proxy cannot be pickled.
        return _rebuild, (self.code, self.source, self.severity, dict(self.parameters))


def _rebuild(code: str, source: str, severity: Severity, parameters: dict[str, float]) -> LabourRule:
    return LabourRule(code=code, source=source, severity=severity, parameters=parameters)


@dataclass(frozen=True, slots=True, kw_only=True)
class LabourPack:
    """One jurisdiction.  ``version``: the day its rules last changed; ``silent``: what it does not judge.

    ``contracts``: names of the contracts it holds for; None is everybody's.
    """

    name: str
    version: date
    rules: tuple[LabourRule, ...]
    silent: tuple[str, ...] = ()
    contracts: frozenset[str] | None = None

    def rule(self, code: str) -> LabourRule | None:
        """The rule of this code, where the pack has one."""
        return next((r for r in self.rules if r.code == code), None)

    def hours(self, code: str) -> float | None:
        """The number of hours a rule names, None without such a rule."""
        rule = self.rule(code)
        return None if rule is None else rule.parameters.get("hours")

    def holds_for(self, contract: str) -> bool:
        """Whether people with this contract are judged by the pack."""
        return self.contracts is None or contract in self.contracts

    def with_severity(self, severity: Mapping[str, Severity]) -> LabourPack:
        """The pack with rules taken differently, by code.  Raises RosterError for a code it does not have."""
        unknown = sorted(set(severity) - {r.code for r in self.rules})
        if unknown:
            have = ", ".join(r.code for r in self.rules)
            raise RosterError(f"labour pack {self.name!r} has no rule {unknown[0]!r}; it has {have}")
        return replace(
            self, rules=tuple(replace(r, severity=severity.get(r.code, r.severity)) for r in self.rules)
        )


def _hard(code: str, source: str, **parameters: float) -> LabourRule:
    return LabourRule(code=code, source=source, severity=Severity.HARD, parameters=parameters)


def _warning(code: str, source: str, **parameters: float) -> LabourRule:
    return LabourRule(code=code, source=source, severity=Severity.WARNING, parameters=parameters)


_VERSION: Final = date(2026, 11, 27)

_CN: Final = LabourPack(
    name="cn",
    version=_VERSION,
    rules=(
        _warning(
            "daily_hours",
            "Labour Law of the PRC art. 36; State Council Provisions on Working Hours (1995) art. 3",
            hours=8,
        ),
        _warning(
            "weekly_hours",
            "Labour Law of the PRC art. 36 (44 h on average); State Council Provisions on Working Hours "
            "(1995) art. 3 (40 h)",
            hours=40,
        ),
        _hard("weekly_rest", "Labour Law of the PRC art. 38: one day, read as 24 h in a row", hours=24),
        _warning("holiday_work", "Labour Law of the PRC arts. 40 and 44 (3): 300 %"),
        _warning("usual_overtime", "Labour Law of the PRC art. 41", hours=1, normal=8),
        _hard("daily_overtime", "Labour Law of the PRC art. 41", hours=3, normal=8),
        _hard("monthly_overtime", "Labour Law of the PRC art. 41", hours=36),
        _warning(
            "overtime_pay",
            "Labour Law of the PRC art. 44: 150 %; 200 % on a rest day without a day in lieu",
        ),
    ),
    silent=("cn_schemes", "cn_protected"),
)

_EU: Final = LabourPack(
    name="eu",
    version=_VERSION,
    rules=(
        _hard("daily_rest", "Directive 2003/88/EC art. 3", hours=11),
        _hard("break", "Directive 2003/88/EC art. 4", hours=6),
        _hard("weekly_rest", "Directive 2003/88/EC art. 5: 24 h and the 11 h of art. 3", hours=35),
        _hard("weekly_average", "Directive 2003/88/EC arts. 6 and 16 (b)", hours=48, months=4),
        # Each member state sets the reference period of art. 16 (c); the roster's own may be the wrong one.
        _warning("night_work", "Directive 2003/88/EC arts. 2, 8 and 16 (c)", hours=8, until_hour=5, least=3),
    ),
    silent=("eu_national", "eu_opt_out"),
)

_US: Final = LabourPack(
    name="us",
    version=_VERSION,
    rules=(_warning("weekly_hours", "Fair Labor Standards Act, 29 U.S.C. 207 (a): 150 %", hours=40),),
    silent=("us_hours", "us_states"),
)

_US_CA: Final = LabourPack(
    name="us-ca",
    version=_VERSION,
    rules=(
        _hard("meal_break", "California Labor Code 512 (a)", hours=5, minutes=30, waiver=6),
        _hard("second_meal_break", "California Labor Code 512 (a)", hours=10, minutes=30, waiver=12),
        _hard("rest_breaks", "IWC Wage Order 4-2001 sec. 12", hours=4, minutes=10, least=3.5),
        _hard("day_of_rest", "California Labor Code 551, 552 and 556", days=1, week=30, day=6),
        _warning("daily_hours", "California Labor Code 510 (a): 150 %, 200 % beyond 12 h", hours=8),
        _warning("weekly_hours", "California Labor Code 510 (a): 150 %", hours=40),
    ),
    silent=("ca_schemes", "ca_exempt"),
)

PACKS: Final[Mapping[str, LabourPack]] = MappingProxyType({p.name: p for p in (_CN, _EU, _US, _US_CA)})
"""Every pack by name."""


def rule_names() -> tuple[str, ...]:
    """Every rule as settings and receipts name it: ``cn.weekly_rest``."""
    return tuple(f"{pack.name}.{rule.code}" for pack in PACKS.values() for rule in pack.rules)
