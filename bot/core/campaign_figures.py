"""Figures of a campaign against its goals, and what they suggest (CA7, CA10, CA15).

Mean response: the mean time from opening to the first answer, over answered contacts, waiting contacts left
out.  Solution satisfaction: the mean of what customers said of solved contacts, each answer put on 0 to 100
(`bot.core.satisfaction.normalised`).  Positive feedback: the share of praise among all answers
(`bot.core.kpis.compute.positive`).  NPS asks something else and is in neither (T5).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from bot.core.campaigns import Goal, GoalKind
from bot.core.contacts import Contact, ContactType, answered_at
from bot.core.ids import ContactRef
from bot.core.kpis.compute import positive
from bot.core.satisfaction import Satisfaction, Scale, normalised

__all__ = ["SUGGESTIONS", "CampaignFigures", "GoalResult", "figures", "results", "suggestions"]

SUGGESTIONS: Final = (
    "more_than_expected",
    "response_slow",
    "complaints",
    "faq",
    "low_ratings",
    "wishes",
    "ask_ratings",
    "on_track",
)
"""Every code, the most pressing first; their words are the catalogue's ``campaign.suggest.CODE``."""
_ENOUGH: Final = 20
_FEW_RATED: Final = 0.05
_TOP: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignFigures:
    """``by_type``: the most frequent first.  Questions, complaints and wishes add up to ``contacts``."""

    contacts: int = 0
    answered: int = 0
    solved: int = 0
    rated: int = 0
    mean_response_seconds: float | None = None
    satisfaction: float | None = None
    positive: float | None = None
    by_type: tuple[tuple[str, int], ...] = ()
    questions: int = 0
    complaints: int = 0
    wishes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class GoalResult:
    """``actual`` in the goal's own measure (per cent); None where nothing can be said yet."""

    goal: Goal
    actual: float | None

    @property
    def reached(self) -> bool | None:
        return None if self.actual is None else self.actual >= self.goal.target


def figures(contacts: Sequence[Contact], satisfaction: Mapping[ContactRef, Satisfaction]) -> CampaignFigures:
    """Of these contacts; merged ones are part of the one they were merged into."""
    own = [c for c in contacts if c.merged_into is None]
    waits = [(at - c.opened_at).total_seconds() for c in own if (at := answered_at(c)) is not None]
    rated = {c.ref: satisfaction[c.ref] for c in own if c.ref in satisfaction}
    asked = {ref: said for ref, said in rated.items() if said.scale is not Scale.NPS}
    solved = [c for c in own if c.resolved_at is not None]
    of_solved = [normalised(asked[c.ref]) for c in solved if c.ref in asked]
    kinds = Counter(c.type for c in own)
    complaints, wishes = kinds[ContactType.COMPLAINT], kinds[ContactType.SUGGESTION]
    return CampaignFigures(
        contacts=len(own),
        answered=len(waits),
        solved=len(solved),
        rated=len(rated),
        mean_response_seconds=sum(waits) / len(waits) if waits else None,
        satisfaction=100 * sum(of_solved) / len(of_solved) if of_solved else None,
        positive=100 * sum(bool(positive(a)) for a in asked.values()) / len(asked) if asked else None,
        by_type=tuple(
            (kind.value, count)
            for kind, count in sorted(kinds.items(), key=lambda item: (-item[1], item[0].value))[:_TOP]
        ),
        questions=len(own) - complaints - wishes,
        complaints=complaints,
        wishes=wishes,
    )


def results(goals: Sequence[Goal], found: CampaignFigures) -> tuple[GoalResult, ...]:
    """Each goal with what was reached: of the response, by how much it was cut against the baseline.

    >>> goal = Goal(kind=GoalKind.RESPONSE, target=20, baseline=100)
    >>> [round(r.actual) for r in results([goal], CampaignFigures(mean_response_seconds=70))]
    [30]
    """
    return tuple(GoalResult(goal=goal, actual=_actual(goal, found)) for goal in goals)


def _actual(goal: Goal, found: CampaignFigures) -> float | None:
    if goal.kind is GoalKind.SATISFACTION:
        return found.satisfaction
    if goal.kind is GoalKind.FEEDBACK:
        return found.positive
    if found.mean_response_seconds is None:
        return None
    return 100 * (1 - found.mean_response_seconds / goal.baseline)


def suggestions(
    found: CampaignFigures, reached: Sequence[GoalResult], *, expected: float | None = None
) -> tuple[str, ...]:
    """Codes of what to do, by rules, the most pressing first; ``on_track`` where no rule speaks.

    ``expected``: contacts at the upper end of the expected lift, for the same time.

    >>> suggestions(CampaignFigures(contacts=40, questions=28, complaints=12), ())
    ('complaints', 'ask_ratings')
    """
    said: list[str] = []
    if expected is not None and found.contacts > expected:
        said.append("more_than_expected")
    missed = {r.goal.kind for r in reached if r.reached is False}
    if GoalKind.RESPONSE in missed:
        said.append("response_slow")
    if found.contacts >= _ENOUGH and found.complaints >= found.contacts / 10:
        said.append("complaints")
    if found.contacts >= _ENOUGH and found.by_type:
        kind, count = found.by_type[0]
        plain = kind in (ContactType.CONSULT.value, ContactType.ORDER.value)
        if plain and count >= found.contacts / 3:
            said.append("faq")
    if GoalKind.SATISFACTION in missed or GoalKind.FEEDBACK in missed:
        said.append("low_ratings")
    if found.wishes >= 5:
        said.append("wishes")
    if found.contacts >= _ENOUGH and found.rated < _FEW_RATED * found.contacts:
        said.append("ask_ratings")
    return tuple(said) or ("on_track",)
