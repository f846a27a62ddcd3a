"""Weekly self-reviews: the messages, the form, and one form as text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from slack_sdk.models.blocks import Block

from bot.core.own_figures import FIGURES
from bot.core.review_messages import ReviewAsked, ReviewMessage, ReviewReminder, ReviewsBack, ShiftReview
from bot.core.weekly_reviews import Goal, GoalMeasure, GoalOutcome, ImprovementPoint, Review, shown
from bot.slack.blocks.form import text_field, words_field
from bot.slack.blocks.kit import actions, button, context, divider, lines, section
from bot.slack.blocks.voice import Voice

__all__ = ["OFF", "OPEN", "SHIFT_OFF", "WORDS", "blocks", "fields", "filled", "goal_words"]

OPEN: Final = "review.open"
"""Opens the form; the value is its number."""
OFF: Final = "review.off"
WORDS: Final = "review.words"
"""Shows the agreed words for a type of contact; the value is the type."""
SHIFT_OFF: Final = "review.shift_off"
LONGEST_GOAL: Final = 200


def blocks(kind: ReviewMessage, voice: Voice) -> list[Block]:
    t = voice.t
    match kind:
        case ReviewAsked():
            press = actions(
                f"review-{kind.review}",
                button(t.text("review.button.open"), action=OPEN, value=str(kind.review), style="primary"),
                button(t.text("review.button.off"), action=OFF, value="off"),
            )
            head = t.text("review.asked", day=voice.f.day(kind.day))
            return [section(head), press, context(t.text("review.who_sees"))]
        case ReviewReminder():
            press = actions(
                f"review-{kind.review}",
                button(t.text("review.button.open"), action=OPEN, value=str(kind.review), style="primary"),
            )
            return [section(t.text("review.reminder", day=voice.f.day(kind.day))), press]
        case ReviewsBack():
            head = t.text("review.back", day=voice.f.day(kind.day), sent=kind.sent, back=kind.back)
            return [section(head), context(t.text("review.back_how"))]
        case ShiftReview():
            return _shift(kind, voice)


def _shift(kind: ShiftReview, voice: Voice) -> list[Block]:
    """What the shift was about, each type with the press that shows its words."""
    t = voice.t
    found: list[Block] = [section(t.plural("review.shift", kind.total, day=voice.f.day(kind.day)))]
    for one in kind.types:
        said = t.text(
            "review.shift_type",
            type=voice.label("type", one.type),
            share=voice.f.percent(one.contacts / max(kind.total, 1)),
            contacts=one.contacts,
        )
        press = button(t.text("review.button.words"), action=WORDS, value=one.type[:64] or "other")
        found.append(section(said, button=press))
    ends = button(t.text("review.button.off"), action=SHIFT_OFF, value="off")
    return [*found, actions("shift-review", ends)]


def fields(review: Review, outcomes: Sequence[GoalOutcome], voice: Voice) -> list[Block]:
    """The form: last week's goal beside what came of it, the figures, points to improve, the next goal."""
    t, held = voice.t, review.filled
    before = _outcomes(outcomes, review, voice)
    found: list[Block] = [section(lines(before)), divider()] if before else []
    for name in FIGURES:
        value = review.measured.value(name) if held is None else held.told.get(name)
        missing = review.measured.missing.get(name)
        hint = t.text("review.hint.measured") if missing is None else _why(missing, voice)
        if name == "fcr" and missing is None:
            hint = t.text("review.hint.fcr")
        found.append(
            text_field(
                name,
                t.text(f"review.field.{name}"),
                value="" if value is None else shown(name, value),
                hint=hint,
                longest=12,
            )
        )
    options = [(p.value, t.text(f"review.point.{p.value}")) for p in ImprovementPoint]
    chosen = [] if held is None else [p.value for p in held.points]
    goals = "" if held is None else ", ".join(goal_words(g, voice) for g in held.goals)
    found += [
        words_field("points", t.text("review.field.points"), options, values=chosen),
        text_field(
            "goal",
            t.text("review.field.goal"),
            value=goals,
            hint=t.text("review.hint.goal"),
            longest=LONGEST_GOAL,
        ),
    ]
    return found


def filled(review: Review, outcomes: Sequence[GoalOutcome], voice: Voice, *, head: str) -> list[Block]:
    """A form as it stands, for its agent and their lead."""
    t, held = voice.t, review.filled
    rows = []
    for name in FIGURES:
        value = review.measured.value(name) if held is None else held.told.get(name)
        exact = review.measured.value(name)
        if value is None:
            missing = review.measured.missing.get(name)
            why = t.text("review.left_empty") if missing is None else _why(missing, voice)
            row = t.text("review.row_missing", name=t.text(f"review.field.{name}"), why=why)
        else:
            row = t.text("review.row", name=t.text(f"review.field.{name}"), value=_value(name, value, voice))
            if exact is not None and shown(name, exact) != shown(name, value):
                row += " " + t.text("review.row_measured", value=_value(name, exact, voice))
        rows.append(row)
    found: list[Block] = [section(head), section(lines(rows))]
    before = _outcomes(outcomes, review, voice)
    if before:
        found.append(section(lines(before)))
    if held is not None:
        words = [t.text(f"review.point.{p.value}") for p in held.points]
        goals = [goal_words(g, voice) for g in held.goals]
        none = t.text("review.none_named")
        found.append(
            section(
                lines(
                    [
                        t.text("review.points", points=voice.f.join(words) if words else none),
                        t.text("review.goals", goals=voice.f.join(goals) if goals else none),
                    ]
                )
            )
        )
    return found


def goal_words(goal: Goal, voice: Voice) -> str:
    """As `parse_goals` reads it: ``AHT ≤ 180 s``."""
    value = shown(goal.measure.value, goal.value)
    return voice.t.text(f"review.goal.{goal.measure.value}", value=value)


def _outcomes(outcomes: Sequence[GoalOutcome], review: Review, voice: Voice) -> list[str]:
    """Goals against what came of them, and satisfaction beside them."""
    if not outcomes:
        return []
    t = voice.t
    rows = [t.text("review.outcomes")]
    for one in outcomes:
        goal = goal_words(one.goal, voice)
        if one.actual is None:
            rows.append(t.text("review.outcome_unknown", goal=goal, why=_why(one.missing or "", voice)))
        else:
            key = "review.outcome_reached" if one.reached else "review.outcome_missed"
            actual = _value(one.goal.measure.value, one.actual, voice)
            rows.append(t.text(key, goal=goal, actual=actual))
    if all(one.goal.measure is not GoalMeasure.CSAT for one in outcomes):
        csat = review.measured.csat
        said = _why(review.measured.missing.get("csat", ""), voice) if csat is None else shown("csat", csat)
        rows.append(t.text("review.beside", csat=said))
    return rows


def _value(name: str, value: float, voice: Voice) -> str:
    return voice.t.text(f"review.value.{name}", value=shown(name, value))


def _why(missing: str, voice: Voice) -> str:
    key = f"review.missing.{missing}"
    return voice.t.text(key if voice.t.has(key) else "review.missing.no_cases")
