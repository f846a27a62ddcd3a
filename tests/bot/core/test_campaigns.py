"""Goals of campaigns as people write them, their figures, and what earlier ones say of the lift."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.campaign_figures import SUGGESTIONS, CampaignFigures, figures, results, suggestions
from bot.core.campaign_lift import expected_lift, measured_factor
from bot.core.campaigns import Goal, GoalKind, read_goal
from bot.core.contacts import Contact, ContactStatus, ContactType, Priority
from bot.core.errors import RefusedError
from bot.core.ids import ContactRef
from bot.core.queues import Channel
from bot.core.satisfaction import Satisfaction, Scale
from tests.support.builders import CHAT, at


@pytest.mark.parametrize(
    ("text", "kind", "read"),
    [
        ("20% from 90s", GoalKind.RESPONSE, (20, 90)),
        ("-20 from 2 min", GoalKind.RESPONSE, (20, 120)),
        ("20％，基线 90 秒", GoalKind.RESPONSE, (20, 90)),
        (">= 85% (80%)", GoalKind.SATISFACTION, (85, 80)),
        ("≥90", GoalKind.FEEDBACK, (90, None)),
    ],
)
def test_goals_are_read_with_their_baseline(
    text: str, kind: GoalKind, read: tuple[float, float | None]
) -> None:
    assert read_goal(text, kind) == read


@pytest.mark.parametrize("kind", list(GoalKind))
@pytest.mark.parametrize("text", ["", "more", "0%", "101%", "[X]%", "20% from"])
def test_what_is_no_goal_is_asked_for_by_its_name(text: str, kind: GoalKind) -> None:
    with pytest.raises(RefusedError) as refused:
        read_goal(text, kind)
    assert refused.value.data["variant"] == kind.value


def test_a_baseline_of_the_wrong_measure_is_refused() -> None:
    for text, kind in (("20% from 80%", GoalKind.RESPONSE), ("85% from 90s", GoalKind.FEEDBACK)):
        with pytest.raises(RefusedError):
            read_goal(text, kind)


def contact(n: int, kind: ContactType, *, waited: float | None, solved: bool = False) -> Contact:
    opened = at(9, n)
    return Contact(
        ref=ContactRef(f"C{n}"),
        queue=CHAT,
        channel=Channel.CHAT,
        type=kind,
        priority=Priority.MEDIUM,
        tier="",
        status=ContactStatus.SOLVED if solved else ContactStatus.NEW,
        opened_at=opened,
        responded_at=None if waited is None else opened + timedelta(seconds=waited),
        resolved_at=opened + timedelta(hours=1) if solved else None,
    )


def test_figures_count_what_is_known_and_nothing_else() -> None:
    contacts = [
        contact(0, ContactType.ORDER, waited=30, solved=True),
        contact(1, ContactType.COMPLAINT, waited=90),
        contact(2, ContactType.SUGGESTION, waited=None),
    ]
    answers = {
        ContactRef("C0"): Satisfaction(scale=Scale.FIVE, value=5),
        ContactRef("C1"): Satisfaction(scale=Scale.THREE, value=0),
    }
    found = figures(contacts, answers)
    assert found.mean_response_seconds == 60
    assert (found.satisfaction, found.positive) == (100, 50)
    assert (found.questions, found.complaints, found.wishes) == (1, 1, 1)
    goals = [Goal(kind=kind, target=40, baseline=100) for kind in GoalKind]
    assert [r.reached for r in results(goals, found)] == [True, True, True]
    assert [r.reached for r in results(goals, CampaignFigures())] == [None, None, None]


def test_praise_is_what_it_is_in_key_figures_and_nps_asks_something_else() -> None:
    contacts = [contact(n, ContactType.ORDER, waited=30, solved=True) for n in range(3)]
    answers = {
        ContactRef("C0"): Satisfaction(scale=Scale.POINTS, value=78),
        ContactRef("C1"): Satisfaction(scale=Scale.POINTS, value=82),
        ContactRef("C2"): Satisfaction(scale=Scale.NPS, value=10),
    }
    found = figures(contacts, answers)
    assert (found.satisfaction, found.positive, found.rated) == (80, 50, 3)


@given(
    st.lists(st.tuples(st.sampled_from(ContactType), st.none() | st.floats(0, 9000)), max_size=40),
    st.floats(1, 100),
)
def test_kinds_of_feedback_add_up_and_suggestions_are_known(
    told: list[tuple[ContactType, float | None]], target: float
) -> None:
    found = figures([contact(n, kind, waited=w) for n, (kind, w) in enumerate(told)], {})
    assert found.questions + found.complaints + found.wishes == found.contacts == len(told)
    goals = [Goal(kind=kind, target=target, baseline=50) for kind in GoalKind]
    said = suggestions(found, results(goals, found), expected=20)
    assert said == tuple(s for s in SUGGESTIONS if s in said)
    assert said


@given(st.lists(st.floats(0.2, 5), min_size=1, max_size=5))
def test_the_expected_lift_holds_what_was_seen(factors: list[float]) -> None:
    lift = expected_lift(factors)
    assert lift is not None
    assert lift.low <= lift.mid <= lift.high
    if len(factors) > 1:
        assert (lift.low, lift.high) == (min(factors), max(factors))


@given(st.floats(0.5, 3), st.integers(1, 21))
def test_a_campaign_is_measured_against_the_weeks_before(factor: float, days: int) -> None:
    first = date(2026, 11, 30)
    usual = {first - timedelta(days=n): 100.0 + 10 * (-n % 7) for n in range(1, 36)}
    during = {
        first + timedelta(days=n): factor * usual[first + timedelta(days=n - 7 * (n // 7 + 1))]
        for n in range(days)
    }
    found = measured_factor(usual | during, first, first + timedelta(days=days - 1))
    assert found == pytest.approx(factor, abs=1e-3)
    assert measured_factor(during, first, first + timedelta(days=min(days, 6) - 1)) is None
