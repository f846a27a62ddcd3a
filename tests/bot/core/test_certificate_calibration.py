"""Promises of certificates against what held, with numbers done by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from bot.core.certificate_calibration import PeakOutcome, Verdict, calibrate, seen_error, wilson
from bot.core.ids import QueueId, RosterId

START = datetime(2026, 11, 2, 9, tzinfo=UTC)


def peak(day: int, *, promised: float = 0.9, contacts: int = 100, in_time: int = 80) -> PeakOutcome:
    start = START + timedelta(days=day)
    return PeakOutcome(
        roster=RosterId(1),
        queue=QueueId("phone"),
        day=start.date(),
        start=start,
        end=start + timedelta(hours=1),
        promised=promised,
        target_share=0.8,
        expected_contacts=100.0,
        contacts=contacts,
        in_time=in_time,
    )


def test_a_peak_holds_at_its_share_and_where_nobody_came() -> None:
    assert peak(0, in_time=80).held
    assert not peak(0, in_time=79).held
    nobody = peak(0, contacts=0, in_time=0)
    assert (nobody.held, nobody.share) == (True, None)


def test_bins_weeks_and_what_the_failed_ones_have_in_common() -> None:
    found = calibrate(
        [
            *(peak(day, promised=0.92) for day in range(6)),
            *(peak(7 + day, promised=0.92, contacts=130, in_time=70) for day in range(2)),
            peak(9, promised=1.0),
            peak(10, promised=0.4, in_time=50),
        ]
    )
    assert [(b.low, b.high, b.peaks, b.held) for b in found.bins] == [
        (0.0, 0.5, 1, 0),
        (0.9, 0.95, 8, 6),
        (0.95, 1.0, 1, 1),
    ]
    assert found.weeks == ((date(2026, 11, 2), 6, 6), (date(2026, 11, 9), 4, 1))
    assert found.verdict is Verdict.UNKNOWN, "ten peaks are too few"
    # 130 + 130 + 100 came where 300 were expected.
    assert found.busier == pytest.approx(1.2)
    assert found.as_busy == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("held", "verdict"), [(71, Verdict.TOO_SURE), (90, Verdict.TRUE), (100, Verdict.TOO_CAREFUL)]
)
def test_a_hundred_peaks_promised_at_090_say_whether_that_was_true(held: int, verdict: Verdict) -> None:
    found = calibrate([peak(i % 28, in_time=80 if i < held else 60) for i in range(100)])
    assert found.verdict is verdict
    assert found.whole is not None
    assert found.whole.share_held == pytest.approx(held / 100)


def test_without_peaks_there_is_nothing_to_say() -> None:
    found = calibrate([])
    assert (found.whole, found.bins, found.verdict) == (None, (), Verdict.UNKNOWN)


def test_the_interval_is_wilsons() -> None:
    # E. B. Wilson 1927; the values of R's prop.test(..., correct = FALSE).
    assert wilson(8, 10) == pytest.approx((0.4901625, 0.9433178), abs=1e-6)
    assert wilson(0, 10) == pytest.approx((0.0, 0.2775328), abs=1e-6)
    assert wilson(10, 10)[1] == pytest.approx(1.0)


def test_volume_further_off_than_was_reckoned_with_is_proposed_where_promises_were_too_sure() -> None:
    # (13^2 - 50) / 50^2 = 0.0476, the square of 0.218.
    def off(held: int) -> list[PeakOutcome]:
        return [
            replace(
                peak(i % 28, contacts=contacts, in_time=contacts if i < held else 0),
                expected_contacts=50.0,
                error=0.12,
            )
            for i, contacts in enumerate([37, 63] * 12)
        ]

    found = calibrate(off(17))
    assert (found.assumed_error, found.seen_error) == (pytest.approx(0.12), pytest.approx(0.218, abs=1e-3))
    assert found.proposed_error == 0.22
    assert calibrate(off(22)).proposed_error is None, "the promises were true"
    known = [replace(o, error=0.21) for o in off(17)]
    assert calibrate(known).proposed_error is None, "that was reckoned with"
    assert seen_error(off(17)[:10]) is None, "too few peaks"
