"""Priority rules (CR8, CR9, MA10): what a case's type, tags, tier or words say about its urgency.

Rules only raise a priority: the most pressing of what the source said and what the rules say counts.
A person's own choice (``priority_manual``) is never overwritten.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.core.case_history import Step
from bot.core.contacts import RULES, ContactEvent, ContactType, EventKind, Priority, more_pressing

__all__ = ["DEFAULT_RULES", "PriorityRule", "rule_event", "ruled", "tags_by_words"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PriorityRule:
    """A row.  An empty condition matches everything; the conditions of one row must all hold.

    ``words`` are looked for in a description where it enters, which gives the case the row's ``tags``; the
    words themselves are stored nowhere, so later only the tags speak.
    """

    name: str
    priority: Priority
    types: frozenset[ContactType] = frozenset()
    tags: frozenset[str] = frozenset()
    tiers: frozenset[str] = frozenset()
    words: tuple[str, ...] = ()

    def matches(self, type_: ContactType, tags: frozenset[str], tier: str) -> bool:
        return (
            (not self.types or type_ in self.types)
            and (not self.tags or bool(self.tags & tags))
            and (not self.tiers or tier in self.tiers)
        )


DEFAULT_RULES = (
    PriorityRule(
        name="pressing",
        priority=Priority.URGENT,
        tags=frozenset({"agitated", "service_down", "major_complaint", "safety_risk"}),
    ),
    PriorityRule(name="urgent-type", priority=Priority.URGENT, types=frozenset({ContactType.URGENT})),
    PriorityRule(name="complaint", priority=Priority.HIGH, types=frozenset({ContactType.COMPLAINT})),
)
"""CR8, F3: service down, major complaint, safety risk and agitated customers are urgent, complaints high."""


def ruled(
    rules: Sequence[PriorityRule], *, type_: ContactType, tags: Iterable[str], tier: str, told: Priority
) -> tuple[Priority, PriorityRule | None]:
    """The priority by the rules, and the row that raised it; None where what was ``told`` stands.

    Of rows that match the most pressing counts; of equals the first in the file.

    >>> ruled(DEFAULT_RULES, type_=ContactType.COMPLAINT, tags=(), tier="vip", told=Priority.LOW)[0]
    <Priority.HIGH: 'high'>
    >>> ruled(DEFAULT_RULES, type_=ContactType.CONSULT, tags={"agitated"}, tier="", told=Priority.LOW)[0]
    <Priority.URGENT: 'urgent'>
    >>> ruled(DEFAULT_RULES, type_=ContactType.COMPLAINT, tags=(), tier="", told=Priority.URGENT)[1]
    """
    held = frozenset(tags)
    best: PriorityRule | None = None
    priority = told
    for rule in rules:
        if rule.matches(type_, held, tier) and more_pressing(rule.priority, priority):
            best, priority = rule, rule.priority
    return priority, best


def tags_by_words(rules: Sequence[PriorityRule], description: str) -> frozenset[str]:
    """The tags that words of a description give a case; case does not matter.

    >>> fire = PriorityRule(
    ...     name="fire", priority=Priority.URGENT, tags=frozenset({"safety_risk"}), words=("起火", "on fire")
    ... )
    >>> tags_by_words([fire], "充电器起火了"), tags_by_words([fire], "all is well")
    (frozenset({'safety_risk'}), frozenset())
    """
    text = description.casefold()
    found: set[str] = set()
    for rule in rules:
        if any(word.casefold() in text for word in rule.words):
            found |= rule.tags
    return frozenset(found)


def rule_event(rules: Sequence[PriorityRule], steps: Sequence[Step]) -> ContactEvent | None:
    """The event by which the rules raise a case's priority; None where they have nothing (more) to say.

    A case is judged wherever it was opened or reclassified, as it stood then; what a file says of a case
    of the past is left as it is.
    """
    if not steps or steps[0].contact.source == "import":
        return None
    for step in steps:
        if step.kind not in (EventKind.OPENED, EventKind.RECLASSIFIED) or step.contact.priority_manual:
            continue
        contact = step.contact
        priority, rule = ruled(
            rules, type_=contact.type, tags=contact.tags, tier=contact.tier, told=contact.priority
        )
        # The step that this very event made shows the raised priority, so this ends.
        if rule is not None and not _raised_at(steps, step, priority):
            return ContactEvent(
                ref=contact.ref,
                kind=EventKind.RECLASSIFIED,
                at=step.at,
                source=RULES,
                source_event_id=f"{contact.ref}:{step.at.isoformat()}:{priority.value}",
                priority=priority,
            )
    return None


def _raised_at(steps: Sequence[Step], step: Step, priority: Priority) -> bool:
    """Whether a later step of the same instant has the priority already."""
    later = steps[steps.index(step) + 1 :]
    return any(
        s.at == step.at
        and s.kind is EventKind.RECLASSIFIED
        and not more_pressing(priority, s.contact.priority)
        for s in later
    )
