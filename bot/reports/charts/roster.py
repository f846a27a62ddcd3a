"""A day of a roster: one bar per agent, coloured by activity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from matplotlib.axes import Axes
from matplotlib.patches import Patch

from bot.i18n.catalog import Translator
from bot.reports.charts.style import FAINT, PAUSE, QUEUE_COLOURS
from bot.reports.charts.time_axis import hours_since, label_hours
from scheduler.roster.roster import Assignment
from scheduler.roster.shifts import BREAK, LUNCH, SESSION_KINDS


def queue_colours(queues: Sequence[str]) -> Mapping[str, str]:
    """A colour per queue, the same in every chart of a report."""
    return {queue: QUEUE_COLOURS[i % len(QUEUE_COLOURS)] for i, queue in enumerate(queues)}


def draw_roster_day(
    axes: Axes,
    t: Translator,
    *,
    title: str,
    assignments: Sequence[Assignment],
    colours: Mapping[str, str],
    start: datetime,
    end: datetime,
    zone: str,
) -> None:
    """Bars from first to last agent by start of shift; lunch and breaks stand out.

    Agents without a shift that day have no bar.  ``start`` and ``end`` bound the axis (UTC).
    """
    ordered = sorted(assignments, key=lambda a: (a.shift.start, a.shift.end, a.agent))
    for row, assignment in enumerate(ordered):
        segments = assignment.shift.segments
        axes.broken_barh(
            [
                (left, right - left)
                for left, right in (hours_since(start, [s.start, s.end]) for s in segments)
            ],
            (row - 0.37, 0.74),
            facecolors=[_colour(s.activity, colours) for s in segments],
            linewidth=0,
        )
    axes.set_yticks(range(len(ordered)), labels=[a.agent for a in ordered], fontsize=7)
    axes.set_ylim(len(ordered) - 0.4, -0.6)
    axes.grid(visible=False, axis="y")
    axes.set_title(title)
    label_hours(axes, start=start, end=end, zone=zone, locale=t.locale)
    used = {s.activity for a in ordered for s in a.shift.segments}
    patches = [Patch(color=c, label=q) for q, c in colours.items() if q in used]
    if used & {LUNCH, BREAK}:
        patches.append(Patch(color=PAUSE, label=t.text("chart.pause")))
    if used & SESSION_KINDS:
        patches.append(Patch(color=FAINT, label=t.text("chart.sessions")))
    if patches:
        axes.legend(handles=patches, loc="upper left", bbox_to_anchor=(1.0, 1.0))


def _colour(activity: str, colours: Mapping[str, str]) -> str:
    return PAUSE if activity in (LUNCH, BREAK) else colours.get(activity, FAINT)
