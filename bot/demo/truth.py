"""The truth behind Harbour's sample contacts."""

from __future__ import annotations

from forecasting.synthetic import Peak, SyntheticQueue

ZONE = "Asia/Shanghai"


def queues() -> tuple[SyntheticQueue, ...]:
    """Phone, chat and e-mail; chat has an evening peak, e-mail comes on workdays."""
    morning, afternoon = (
        Peak(minute=10 * 60 + 30, width_minutes=75, weight=1.0),
        Peak(minute=15 * 60, width_minutes=90, weight=0.7),
    )
    evening = Peak(minute=20 * 60, width_minutes=60, weight=0.8)
    return (
        SyntheticQueue(
            name="phone",
            contacts_per_day=140,
            aht_seconds=240,
            peaks=(morning, afternoon),
            trend_per_week=0.004,
            aht_cv=1.1,
        ),
        SyntheticQueue(
            name="chat",
            contacts_per_day=115,
            aht_seconds=420,
            peaks=(morning, evening),
            weekday_factors=(1.05, 1.0, 0.98, 0.97, 1.0, 1.05, 1.08),
            trend_per_week=0.008,
            day_sd=0.07,
        ),
        SyntheticQueue(
            name="email",
            contacts_per_day=50,
            aht_seconds=360,
            peaks=(Peak(minute=9 * 60, width_minutes=60, weight=1.2), afternoon),
            weekday_factors=(1.35, 1.1, 1.0, 1.0, 0.95, 0.6, 0.55),
            day_sd=0.08,
        ),
    )
