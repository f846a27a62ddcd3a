"""LA2: times as people write them, in both languages; what is not one is refused in words."""

from __future__ import annotations

import time as stopwatch
from calendar import day_name, month_name
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from bot.core.calendar import BusinessCalendar, close_of_business_after, open_periods
from bot.core.errors import RefusedError
from bot.core.time_phrases import LONGEST, Assumption, PhraseKind, Understood, leading_time, read_time
from bot.i18n.catalog import Translator

SHANGHAI = "Asia/Shanghai"
OFFICE = BusinessCalendar(
    name="office", zone=SHANGHAI, weekly={day: ((time(9), time(18)),) for day in range(5)}
)
THURSDAY = datetime(2026, 11, 26, 2, 5, tzinfo=UTC)  # 10:05 in Shanghai
ZONES = ("Europe/Lisbon", "America/New_York", "Australia/Lord_Howe", SHANGHAI, "Asia/Kathmandu", "UTC")


def read(text: str, now: datetime = THURSDAY, calendar: BusinessCalendar = OFFICE) -> Understood:
    return read_time(text, calendar=calendar, now=now)


def wall(understood: Understood) -> str:
    return understood.at.astimezone(ZoneInfo(understood.zone)).strftime("%Y-%m-%d %H:%M")


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("今天18点前", "2026-11-26 18:00"),
        ("今天18點前", "2026-11-26 18:00"),
        ("今天１８：００前", "2026-11-26 18:00"),
        ("今天下午6点半前", "2026-11-26 18:30"),
        ("今天下午三点三刻", "2026-11-26 15:45"),
        ("明天上午10点前", "2026-11-27 10:00"),
        ("明早9点", "2026-11-27 09:00"),
        ("明天晚上12点", "2026-11-28 00:00"),
        ("今晚8点", "2026-11-26 20:00"),
        ("中午12点前", "2026-11-26 12:00"),
        ("中午1点", "2026-11-26 13:00"),
        ("明天上午", "2026-11-27 12:00"),
        ("后天上午", "2026-11-28 12:00"),
        ("周五前", "2026-11-27 18:00"),
        ("星期五", "2026-11-27 18:00"),
        ("下周一10点", "2026-11-30 10:00"),
        ("下週三三點", "2026-12-02 15:00"),
        ("本周五下午5点之前", "2026-11-27 17:00"),
        ("3个工作日", "2026-12-01 18:00"),
        ("3個工作日內", "2026-12-01 18:00"),
        ("两个工作日内", "2026-11-30 18:00"),
        ("30分钟内", "2026-11-26 10:35"),
        ("半小时后", "2026-11-26 10:35"),
        ("一刻钟", "2026-11-26 10:20"),
        ("2小时内", "2026-11-26 12:05"),
        ("一个半小时内", "2026-11-26 11:35"),
        ("两个半小时", "2026-11-26 12:35"),
        ("三天内", "2026-11-29 10:05"),
        ("3天后上午10点", "2026-11-29 10:00"),
        ("3日内", "2026-11-29 10:05"),
        ("3月18日前", "2027-03-18 18:00"),
        ("十二月一号下午两点", "2026-12-01 14:00"),
        ("2026年12月1日15时30分", "2026-12-01 15:30"),
        ("18号", "2026-12-18 18:00"),
        ("下班前", "2026-11-26 18:00"),
        ("本周内", "2026-11-27 18:00"),
        ("月底前", "2026-11-30 18:00"),
        ("最晚明天15:00", "2026-11-27 15:00"),
        ("18:00", "2026-11-26 18:00"),
        ("by 18:00", "2026-11-26 18:00"),
        ("by 10:00", "2026-11-27 10:00"),
        ("today before 18:00", "2026-11-26 18:00"),
        ("tomorrow before 10:00", "2026-11-27 10:00"),
        ("before 10:00 tomorrow", "2026-11-27 10:00"),
        ("Tomorrow by 4 p.m.", "2026-11-27 16:00"),
        ("in 30 min", "2026-11-26 10:35"),
        ("30m", "2026-11-26 10:35"),
        ("2h30m", "2026-11-26 12:35"),
        ("within 2 hours", "2026-11-26 12:05"),
        ("within half an hour", "2026-11-26 10:35"),
        ("in an hour and a half", "2026-11-26 11:35"),
        ("3 working days", "2026-12-01 18:00"),
        ("within two business days", "2026-11-30 18:00"),
        ("5 working hours", "2026-11-26 15:05"),
        ("end of day", "2026-11-26 18:00"),
        ("EOD tomorrow", "2026-11-27 18:00"),
        ("Friday 3pm", "2026-11-27 15:00"),
        ("no later than Friday noon", "2026-11-27 12:00"),
        ("half past four", "2026-11-26 16:30"),
        ("quarter to 5 pm", "2026-11-26 16:45"),
        ("next Monday 10am", "2026-11-30 10:00"),
        ("Friday next week", "2026-12-04 18:00"),
        ("18 March", "2027-03-18 18:00"),
        ("the 18th of March at 11:15", "2027-03-18 11:15"),
        ("March 18, 2027", "2027-03-18 18:00"),
        ("3/18 14:00", "2027-03-18 14:00"),
        ("2026-11-27T10:00", "2026-11-27 10:00"),
        ("2026-11-27T10:00:00+01:00", "2026-11-27 17:00"),
        ("2026-11-27 10:00Z", "2026-11-27 18:00"),
        ("in a week", "2026-12-03 10:05"),
        ("2周内", "2026-12-10 10:05"),
    ],
)
def test_what_people_write_is_understood(text: str, meant: str) -> None:
    assert wall(read(text)) == meant


def test_the_promise_of_the_sources_is_earlier_than_three_working_days() -> None:
    """F6: "before 18 March", written on Friday 15 March, is Monday's close of business."""
    friday = datetime(2024, 3, 15, 6, 30, tzinfo=UTC)
    for text in ("3月18日前", "before 18 March", "by 18 March"):
        promised = read(text, friday)
        assert wall(promised) == "2024-03-18 18:00"
        assert promised.at < close_of_business_after(OFFICE, friday, 3)


@pytest.mark.parametrize(
    "text",
    ["昨天", "昨天18点", "yesterday", "今天9点前上午", "today 9am", "3小时前", "an hour ago", "上周五",
     "2020-01-01", "24 November", "last Friday"],
)  # fmt: skip
def test_a_time_that_is_past_is_refused_and_nothing_saved(text: str) -> None:
    with pytest.raises(RefusedError, match="past; nothing saved") as refused:
        read(text)
    assert refused.value.kind == "time_past"


@pytest.mark.parametrize(
    "text",
    ["", "  ", "尽快", "asap", "soon", "25点", "at 25:00", "上午15点", "2月30日", "3/4", "18:00-19:00",
     "10:75", "今天明天", "in 30", "13 o'clock am", "18:00 or so maybe", "半", "个", "周", "next", "٣ hours",
     "0个工作日"],
)  # fmt: skip
def test_what_is_no_time_is_answered_with_examples(text: str) -> None:
    with pytest.raises(RefusedError, match="今天18点前") as refused:
        read(text)
    assert refused.value.kind == "time_not_understood"


def test_what_was_typed_is_not_repeated() -> None:
    with pytest.raises(RefusedError) as refused:
        read("王先生 明天回电")
    assert "王" not in str(refused.value) + repr(refused.value.data)


@pytest.mark.parametrize("text", ["in 500 days", "2030-01-01", "9999小时"])
def test_a_promise_years_ahead_is_refused(text: str) -> None:
    with pytest.raises(RefusedError) as refused:
        read(text)
    assert refused.value.kind == "time_too_far"


def test_six_is_the_next_six_within_opening_hours_and_it_says_so() -> None:
    understood = read("6点前")
    assert wall(understood) == "2026-11-26 18:00"
    assert understood.assumed == (Assumption.HALF_OF_DAY,)
    nine = read("9点")
    assert wall(nine) == "2026-11-27 09:00"
    assert set(nine.assumed) == {Assumption.HALF_OF_DAY, Assumption.TOMORROW}
    assert read("今天下午6点").assumed == ()


def test_a_closed_day_ends_at_the_close_before_it() -> None:
    sunday = read("周日前")
    assert (wall(sunday), sunday.assumed) == ("2026-11-27 18:00", (Assumption.CLOSED_DAY,))
    saturday_noon = datetime(2026, 11, 28, 4, tzinfo=UTC)
    weekend = read("周日前", saturday_noon)
    assert (wall(weekend), weekend.assumed) == ("2026-11-30 00:00", (Assumption.CLOSED_DAY,))


def test_today_after_closing_is_midnight() -> None:
    evening = datetime(2026, 11, 26, 12, tzinfo=UTC)  # 20:00
    today = read("今天内", evening)
    assert (wall(today), today.assumed) == ("2026-11-27 00:00", (Assumption.AFTER_CLOSING,))


def test_a_weekday_named_on_itself_is_today_until_it_is_over() -> None:
    assert wall(read("Thursday 15:00")) == "2026-11-26 15:00"
    assert wall(read("Thursday 9am")) == "2026-12-03 09:00"


def test_a_skipped_time_is_the_moment_the_clock_jumps() -> None:
    shop = BusinessCalendar(name="shop", zone="America/New_York", weekly={})
    before = datetime(2026, 3, 7, 15, tzinfo=UTC)
    skipped = read("tomorrow 2:30 am", before, shop)
    assert skipped.at == datetime(2026, 3, 8, 7, tzinfo=UTC)  # 3:00 on the wall
    assert Assumption.SKIPPED in skipped.assumed


def test_a_time_shown_twice_is_the_first_that_is_still_ahead() -> None:
    shop = BusinessCalendar(name="shop", zone="Australia/Lord_Howe", weekly={})
    # 5 April 2026: at 2:00 the clock goes back half an hour, so 1:45 is shown twice.
    before = datetime(2026, 4, 4, 10, tzinfo=UTC)
    first = read("tomorrow 01:45", before, shop)
    assert first.at == datetime(2026, 4, 4, 14, 45, tzinfo=UTC)
    assert first.assumed == (Assumption.REPEATED,)
    between = datetime(2026, 4, 4, 14, 50, tzinfo=UTC)
    assert read("01:45", between, shop).at == datetime(2026, 4, 4, 15, 15, tzinfo=UTC)


def test_the_rest_of_a_command_is_handed_back() -> None:
    for text, rest in (
        ('今天18点前 "物流核实"', '"物流核实"'),
        ("明天上午10点前回电", "回电"),
        ("by 18:00 check with the courier", "check with the courier"),
        ("in 30 min", ""),
        ("tomorrow at the depot", "at the depot"),
        ("30m may be late", "may be late"),
    ):
        assert leading_time(text, calendar=OFFICE, now=THURSDAY)[1] == rest
    with pytest.raises(RefusedError):
        leading_time("call them tomorrow", calendar=OFFICE, now=THURSDAY)


# -- properties: what a generator meant is what is read -----------------------------------------------------

CHINESE_DAYS = {0: ("今天", "今日"), 1: ("明天", "明日"), 2: ("后天", "後天"), 3: ("大后天",)}
ENGLISH_DAYS = {0: ("today",), 1: ("tomorrow",), 2: ("the day after tomorrow",)}


@st.composite
def walls(draw: st.DrawFn) -> tuple[BusinessCalendar, datetime]:
    """A calendar somewhere, and a moment of 2026 or 2027, often near a change of the clock."""
    zone = draw(st.sampled_from(ZONES))
    changes = [date(2026, 3, 8), date(2026, 3, 29), date(2026, 4, 5), date(2026, 10, 4), date(2026, 10, 25),
               date(2026, 11, 1)]  # fmt: skip
    near = st.builds(lambda d, n: d + timedelta(days=n), st.sampled_from(changes), st.integers(-3, 1))
    day = draw(st.one_of(near, st.dates(date(2026, 1, 1), date(2027, 12, 31))))
    minute = draw(st.integers(0, 24 * 60 - 1))
    now = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(minutes=minute)
    opens, closes = draw(st.sampled_from([(time(9), time(18)), (time(8), time(22)), (time(0), time(0))]))
    days = draw(st.sampled_from([range(5), range(7)]))
    return BusinessCalendar(name="x", zone=zone, weekly=dict.fromkeys(days, ((opens, closes),))), now


def instants_of(day: date, minutes: int, zone: str) -> list[datetime]:
    """Every instant at which the wall shows it, by walking the minutes round it; else the moment it jumps."""
    shown = datetime.combine(day, time(0)) + timedelta(minutes=minutes)
    around = shown.replace(tzinfo=UTC) - timedelta(hours=15)
    place = ZoneInfo(zone)
    steps = [around + timedelta(minutes=m) for m in range(31 * 60)]
    found = [at for at in steps if at.astimezone(place).replace(tzinfo=None) == shown]
    return found or [next(at for at in steps if at.astimezone(place).replace(tzinfo=None) > shown)]


@settings(deadline=None)
@given(walls(), st.integers(0, 3), st.integers(0, 23), st.integers(0, 59), st.data())
def test_a_day_and_a_time_of_24_hours(
    where: tuple[BusinessCalendar, datetime], offset: int, hour: int, minute: int, data: st.DataObject
) -> None:
    calendar, now = where
    today = now.astimezone(ZoneInfo(calendar.zone)).date()
    spelled = [f"{day}{hour:02}:{minute:02}前" for day in CHINESE_DAYS[offset]]
    spelled += [f"{day} before {hour:02}:{minute:02}" for day in ENGLISH_DAYS.get(offset, ())]
    meant_day = today + timedelta(days=offset)
    spelled.append(f"{meant_day.isoformat()}T{hour:02}:{minute:02}")
    spelled.append(f"{meant_day.day} {month_name[meant_day.month]} {meant_day.year}, {hour:02}:{minute:02}")
    if hour > 12:
        spelled.append(f"{meant_day.month}月{meant_day.day}日下午{hour - 12}点{minute}分")
        spelled.append(f"{meant_day.month}月{meant_day.day}日{hour}点{minute:02}")
        spelled.append(f"{hour - 12}:{minute:02} pm on {meant_day.isoformat()}")
    text = data.draw(st.sampled_from(spelled))
    ahead = [at for at in instants_of(meant_day, hour * 60 + minute, calendar.zone) if at > now]
    if not ahead:
        with pytest.raises(RefusedError, match="past"):
            read(text, now, calendar)
        return
    assert read(text, now, calendar).at == ahead[0], text


@settings(deadline=None)
@given(walls(), st.integers(1, 900), st.data())
def test_a_length_from_now(
    where: tuple[BusinessCalendar, datetime], minutes: int, data: st.DataObject
) -> None:
    calendar, now = where
    hours, left = divmod(minutes, 60)
    spelled = [f"{minutes}分钟内", f"in {minutes} min", f"within {minutes} minutes", f"{minutes}m"]
    if hours and left:
        spelled += [f"{hours}小时{left}分钟后", f"{hours}h{left}m", f"in {hours} hours {left} minutes"]
    text = data.draw(st.sampled_from(spelled))
    understood = read(text, now, calendar)
    assert understood.at - now == timedelta(minutes=minutes) == understood.length


@settings(deadline=None)
@given(walls(), st.integers(1, 40), st.sampled_from(["{n}个工作日", "{n}個工作日內", "{n} working days"]))
def test_working_days_end_at_close_of_business(
    where: tuple[BusinessCalendar, datetime], count: int, form: str
) -> None:
    calendar, now = where
    understood = read(form.format(n=count), now, calendar)
    assert understood.kind is PhraseKind.WORKING_DAYS
    assert understood.at == close_of_business_after(calendar, now, count)


@settings(deadline=None)
@given(walls(), st.integers(0, 6), st.integers(0, 1), st.booleans())
def test_weekdays_of_this_week_and_the_next(
    where: tuple[BusinessCalendar, datetime], weekday: int, week: int, chinese: bool
) -> None:
    calendar, now = where
    today = now.astimezone(ZoneInfo(calendar.zone)).date()
    meant = today + timedelta(days=weekday - today.weekday() + 7 * week)
    text = ("本周" if week == 0 else "下周") + "一二三四五六日"[weekday] + "23:00" if chinese else (
        f"{'this' if week == 0 else 'next'} {day_name[weekday]} 11pm"
    )  # fmt: skip
    (at, *_) = instants_of(meant, 23 * 60, calendar.zone)
    if at <= now:
        with pytest.raises(RefusedError, match="past"):
            read(text, now, calendar)
    else:
        assert read(text, now, calendar).at == at


@settings(deadline=None)
@given(walls(), st.integers(1, 12), st.booleans())
def test_an_hour_of_twelve_is_the_next_one_open(
    where: tuple[BusinessCalendar, datetime], hour: int, chinese: bool
) -> None:
    calendar, now = where
    understood = read(f"{hour}点前" if chinese else f"by {hour}", now, calendar)
    today = now.astimezone(ZoneInfo(calendar.zone)).date()
    shown = [
        [at for at in instants_of(today + timedelta(days=day), minutes, calendar.zone) if at > now]
        for day in (0, 1)
        for minutes in (hour * 60, hour * 60 + 720)
    ]
    meant = [ahead[0] for ahead in shown if ahead]
    hours = [p for d in range(-1, 4) for p in open_periods(calendar, today + timedelta(days=d))]
    within = [at for at in meant if any(start <= at <= end for start, end in hours)]
    assert understood.at == (within or meant)[0]
    assert Assumption.HALF_OF_DAY in understood.assumed


PIECES = [
    "今天", "明天", "前", "内", "后", "点", "半", "个", "工作日", "周", "五", "下", "月", "日", "号", "上午",
    "十", "18", "3", "30", ":", "-", "/", "T", "Z", "+08:00", "by", "before", "in", "min", "days", "next",
    "Friday", "March", "noon", "end of", "day", "ago", "2026", "9999", " ", "00", "half", "past", "the", ".",
]  # fmt: skip


@settings(deadline=None)
@given(
    walls(),
    st.one_of(st.text(max_size=60), st.lists(st.sampled_from(PIECES), max_size=12).map("".join),
              st.lists(st.sampled_from(PIECES), max_size=12).map(" ".join)),
)  # fmt: skip
@example((OFFICE, THURSDAY), "0000-00-00T00:00Z")
@example((OFFICE, THURSDAY), "9999年12月31日24:00")
@example((OFFICE, THURSDAY), "9999周")
def test_any_text_is_a_time_ahead_or_refused(where: tuple[BusinessCalendar, datetime], text: str) -> None:
    calendar, now = where
    for reader in (read_time, lambda *a, **k: leading_time(*a, **k)[0]):
        try:
            understood = reader(text, calendar=calendar, now=now)
        except RefusedError as refused:
            kind: str | None = refused.kind
        else:
            kind = None
            assert now < understood.at <= now + LONGEST
            assert understood.at.utcoffset() == timedelta(0)
        assert kind in {None, "time_past", "time_too_far", "time_not_understood"}


@settings(deadline=None)
@given(walls(), st.text(max_size=40))
def test_what_follows_a_time_changes_nothing(where: tuple[BusinessCalendar, datetime], rest: str) -> None:
    calendar, now = where
    assume('"' not in rest)
    understood, left = leading_time(f'in 45 min "{rest}"', calendar=calendar, now=now)
    assert understood.at == now + timedelta(minutes=45)
    assert left == f'"{rest}"'.strip()


@pytest.mark.parametrize(
    "piece", ["1", "一", "今天", "a ", "1:", "end of ", "下", "T", "++", "-", "１", "十", "the "]
)
def test_long_texts_take_no_longer_than_their_beginning(piece: str) -> None:
    began = stopwatch.perf_counter()
    for _ in range(20):
        with pytest.raises(RefusedError):
            read(piece * 20_000)
    assert (stopwatch.perf_counter() - began) / 20 < 0.05


@pytest.mark.parametrize(("locale", "instead"), [("en", "`4 March`"), ("zh-Hans", "`3月4日`")])
def test_a_date_that_could_be_two_days_is_answered_with_how_to_write_it(locale: str, instead: str) -> None:
    with pytest.raises(RefusedError) as refused:
        read("3/4")
    assert instead in Translator(locale).text(f"error.{refused.value.kind}")
