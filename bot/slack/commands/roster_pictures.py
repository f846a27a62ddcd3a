"""`/roster forecast`, `staffing` and `picture`: figures in words, and as pictures in a direct message."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from html import unescape

from bot.core.errors import RefusedError
from bot.core.ids import QueueId
from bot.core.permissions import Action
from bot.core.ports import DeliveryError
from bot.core.rosters import RosterStatus
from bot.core.weeks import iso_week, parse_week
from bot.i18n.formats import Formats
from bot.slack.blocks.certificates import week_of
from bot.slack.blocks.kit import Content, code, context, escape, lines, message, plain, section
from bot.slack.commands.command import Asked, Subcommand
from bot.slack.commands.roster_publish import meant
from bot.slack.pictures import SCOPE, Picture
from bot.slack.web_api import NOT_GRANTED
from bot.usecases import review_forecast, staff
from bot.usecases.planning_state import default_week
from bot.usecases.review_forecast import ForecastShown
from bot.usecases.staff import QueueStaffing
from bot.usecases.week_report import QueueWeek, WeekReport, read_week

__all__ = ["PICTURE_COMMANDS", "picture"]


def forecast(asked: Asked) -> Content:
    """The stored forecast with its band: the newest, or that of a week; nothing is forecast anew."""
    queues, week = _queue_and_week(asked)
    shown = review_forecast.show(
        asked.desk.store, asked.desk.settings, queues=queues, week=week, now=asked.now
    )
    held = [one for one in shown if one.forecast is not None]
    rows = [_forecast_line(asked, one) for one in shown]
    if not held:
        return message([section(lines([asked.t.text("planner.picture.no_forecast"), *rows]))])
    title = asked.t.text("planner.picture.forecast", queues=_names(asked, [one.queue for one in held]))
    name = plain("-".join(one.queue for one in held))

    def draw() -> list[Picture]:
        from bot.reports.forecast_picture import picture_png

        alt = lines([title, *(_forecast_line(asked, one) for one in held)])
        return [
            Picture(
                name=f"forecast-{_file_part(name)}.png",
                title=_bare(title),
                alt=_bare(alt),
                png=picture_png(held, asked.t),
            )
        ]

    return _answer(asked, title, rows, draw)


def staffing(asked: Asked) -> Content:
    """The people needed, made anew from the newest forecast and stored, as `muster staffing` does."""
    queues, week = _queue_and_week(asked)
    if week is None:
        with asked.desk.store.read() as uow:
            week = default_week(uow, asked.desk.settings, asked.now)
    first = week
    made = staff.make(
        asked.desk.store, asked.desk.settings, queues=queues, first=first, days=7, now=asked.now
    )
    rows = [row for one in made.queues for row in _staffing_lines(asked, one, first)]
    rows += [
        asked.t.text("plan.staffing.missing", queue=escape(q), week=iso_week(first)) for q in made.missing
    ]
    title = asked.t.text("planner.picture.staffing", week=week_of(first, 7, asked.voice))

    def draw() -> list[Picture]:
        from bot.reports.staffing_picture import picture_png

        return [
            Picture(
                name=f"staffing-{iso_week(first)}.png",
                title=_bare(title),
                alt=_bare(lines([title, *rows])),
                png=picture_png(made.queues, asked.t),
            )
        ]

    return _answer(asked, title, rows, draw)


def picture(asked: Asked) -> Content:
    """A roster against the requirement, and as bars."""
    asked.need(Action.ROSTER_PLAN)
    version = meant(asked, prefer=RosterStatus.DRAFT)
    report = read_week(asked.desk.store, asked.desk.settings, version.roster_id)
    status = asked.t.text(f"plan.status.{report.status}")
    title = asked.t.text(
        "planner.picture.roster",
        roster=report.roster,
        week=week_of(report.first, report.days, asked.voice),
        status=status,
    )
    rows = [_cover_line(asked, one) for one in report.queues]

    def draw() -> list[Picture]:
        return _roster_pictures(asked, report, title, rows)

    return _answer(asked, title, rows, draw)


def _roster_pictures(asked: Asked, report: WeekReport, title: str, rows: Sequence[str]) -> list[Picture]:
    from bot.reports.roster_picture import bars_png, coverage_png

    found = []
    if report.queues:
        found.append(
            Picture(
                name=f"coverage-{report.roster}.png",
                title=_bare(asked.t.text("planner.picture.coverage", roster=report.roster)),
                alt=_bare(lines([title, *rows])),
                png=coverage_png(report, asked.t),
            )
        )
    bars = bars_png(report, asked.t)
    if bars is not None:
        text = asked.t.text("planner.picture.bars", roster=report.roster)
        alt = asked.t.plural("planner.picture.bars_alt", len(report.assignments), roster=report.roster)
        found.append(Picture(name=f"roster-{report.roster}.png", title=_bare(text), alt=_bare(alt), png=bars))
    return found


def _answer(asked: Asked, title: str, rows: Sequence[str], draw: Callable[[], list[Picture]]) -> Content:
    """The figures at once; the pictures follow where Slack takes them, else why there are none."""
    t, pictures = asked.t, asked.desk.pictures
    scope = code(SCOPE)

    def failed(error: str) -> str:
        key = "not_granted" if error in NOT_GRANTED else "not_taken"
        return t.text(f"planner.picture.{key}", code=code(error), scope=scope)

    note = t.text("planner.picture.unavailable")
    if pictures is not None:
        try:
            place = pictures.place(asked.person.user)
        except DeliveryError as error:
            note = failed(error.code)
        else:
            pictures.later(place, draw, comment=title, failed=failed)
            note = t.text("planner.picture.follows")
    zone = t.text("planner.picture.zone", zone=code(asked.desk.settings.zone))
    found = [section(title), *([section(lines(rows))] if rows else []), context(note, zone)]
    return message(found, shortened=t.text("message.shortened"))


def _queue_and_week(asked: Asked) -> tuple[list[QueueId] | None, date | None]:
    """``phone``, ``2026-W49``, both in either order, or nothing.  Raises RefusedError."""
    queues: list[QueueId] = []
    week: date | None = None
    for word in asked.argument.split():
        if word in asked.desk.settings.queues:
            queues.append(QueueId(word))
            continue
        try:
            week = parse_week(word)
        except RefusedError:
            known = asked.f.join([code(name) for name in asked.desk.settings.queues])
            raise RefusedError(
                "neither_queue_nor_week",
                f"{word!r} is neither a queue nor a week like 2026-W49; nothing was drawn.",
                value=word,
                known=known.replace("`", ""),
            ) from None
    return queues or None, week


def _forecast_line(asked: Asked, one: ForecastShown) -> str:
    t = asked.t
    if one.forecast is None:
        return t.text("planner.picture.none_of", queue=escape(one.queue))
    f = Formats(t.locale, one.forecast.grid.zone)
    days = [day for day in one.days if day.total is not None]
    if not days:
        return t.text("planner.picture.all_closed", queue=escape(one.queue))
    busiest = max(days, key=lambda d: 0.0 if d.total is None else d.total.mean)
    total = busiest.total
    assert total is not None
    wape = one.report.get("wape")
    return t.text(
        "planner.picture.forecast_line",
        queue=escape(one.queue),
        contacts=f.number(float(one.forecast.mean.sum())),
        first=f.day(one.days[0].day),
        last=f.day(one.days[-1].day),
        day=f.day(busiest.day),
        mean=f.number(total.mean),
        low=f.number(total.low),
        high=f.number(total.high),
        error="–" if wape is None else f.percent(float(wape), decimals=1),
    )


def _staffing_lines(asked: Asked, one: QueueStaffing, first: date) -> list[str]:
    t, need = asked.t, one.requirement
    f = Formats(t.locale, need.grid.zone)
    peak = int(need.scheduled_agents.max(initial=0))
    at = need.grid.local_starts()[int(need.scheduled_agents.argmax())] if peak else None
    target = t.text(
        "plan.staffing.target",
        share=f.percent(one.load.target.share),
        within=f.duration(one.load.target.within_seconds),
    )
    rows = [
        t.text(
            "plan.staffing.title", queue=escape(one.load.workload.queue), week=iso_week(first), target=target
        ),
        t.text(
            "plan.staffing.summary",
            hours=f.number(need.agent_hours, decimals=1),
            peak=peak,
            when="–" if at is None else f.moment(at),
            agents=one.agents,
        ),
    ]
    impossible = need.impossible
    if impossible:
        worst = max(impossible, key=lambda i: i.needed)
        rows.append(
            t.text(
                "plan.staffing.impossible",
                intervals=len(impossible),
                available=worst.available,
                needed=worst.needed,
                when=f.moment(worst.start),
            )
        )
    return rows


def _cover_line(asked: Asked, one: QueueWeek) -> str:
    f = asked.f
    hours = one.grid.interval_seconds / 3600
    missing = (one.required - one.rostered).clip(min=0)
    return asked.t.text(
        "planner.picture.cover_line",
        queue=escape(one.queue),
        required=f.number(float(one.required.sum()) * hours, decimals=1),
        rostered=f.number(float(one.rostered.sum()) * hours, decimals=1),
        missing=f.number(float(missing.sum()) * hours, decimals=1),
        peak=int(one.required.max(initial=0)),
    )


def _names(asked: Asked, queues: Sequence[str]) -> str:
    return asked.f.join([escape(queue) for queue in queues])


def _bare(text: str) -> str:
    """For a title or a description, which know no markup."""
    return unescape(text.replace("*", "").replace("`", ""))


def _file_part(text: str) -> str:
    return "".join(c if c.isalnum() or c in "-_" else "_" for c in text)[:60] or "queue"


PICTURE_COMMANDS = (
    Subcommand(
        name="forecast",
        answer=forecast,
        aliases=("预测",),
        usage="[QUEUE] [WEEK]",
        action=Action.ROSTER_PLAN,
    ),
    Subcommand(
        name="staffing",
        answer=staffing,
        aliases=("需求", "需求人数"),
        usage="[QUEUE] [WEEK]",
        action=Action.ROSTER_PLAN,
    ),
    Subcommand(
        name="picture",
        answer=picture,
        aliases=("chart", "图", "图表"),
        usage="[WEEK | ROSTER]",
        action=Action.ROSTER_PLAN,
    ),
)
