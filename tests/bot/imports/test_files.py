"""Each kind of file: what is taken, what is refused and why, what is noticed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest

from bot.core.contacts import Contact, ContactStatus, ContactType, Priority
from bot.core.errors import RefusedError
from bot.core.import_report import ImportReport, RefusedRow
from bot.core.people import Role
from bot.core.settings import PresenceSettings, Settings
from bot.i18n.catalog import Translator
from bot.imports.agents import read_agents
from bot.imports.availability import read_availability
from bot.imports.contacts import read_contacts
from bot.imports.leave import read_leave
from bot.imports.report import report_json, report_lines
from bot.imports.roster import read_roster
from bot.imports.volumes import read_volumes
from bot.store.volumes import VolumeCount
from scheduler.roster.people import skill_attribute
from tests.bot.usecases.planning import planning_settings

SETTINGS = planning_settings()


def volumes(text: str, **options: str) -> tuple[list[VolumeCount], ImportReport]:
    options.setdefault("queue", "phone")
    return read_volumes(text.encode(), source="v.csv", settings=SETTINGS, **options)  # type: ignore[arg-type]


def reasons(report: ImportReport) -> list[tuple[int, str]]:
    return [(r.line, r.reason) for r in report.refused]


def codes(report: ImportReport) -> list[str]:
    return [f.code for f in report.findings]


def quarters(day: str, hours: range = range(9, 12), contacts: int = 4) -> str:
    return "".join(
        f"{day}T{h:02d}:{m:02d},{contacts + (h * 7 + m // 15) % 5}\n" for h in hours for m in (0, 15, 30, 45)
    )


class TestVolumes:
    def test_local_times_are_read_in_the_zone_and_said_so(self) -> None:
        rows, report = volumes("start,contacts,aht_seconds\n2026-11-02T09:00,5,200\n2026-11-02T09:15,7,\n")
        assert [(r.start, r.contacts, r.aht_seconds) for r in rows] == [
            (datetime(2026, 11, 2, 1, 0, tzinfo=UTC), 5, 200),
            (datetime(2026, 11, 2, 1, 15, tzinfo=UTC), 7, None),
        ]
        assert {f.code: dict(f.data) for f in report.findings} == {
            "interval": {"minutes": "15"},
            "zone_assumed": {"zone": "Asia/Shanghai", "rows": 2},
        }

    def test_offsets_win_over_the_zone(self) -> None:
        rows, report = volumes("start,contacts\n2026-11-02T09:00+01:00,5\n2026-11-02T08:30Z,7\n")
        assert [r.start.hour for r in rows] == [8, 8]
        assert "zone_assumed" not in codes(report)

    def test_bad_rows_are_refused_one_by_one(self) -> None:
        text = "start,contacts,aht_seconds\n" + quarters("2026-11-02").replace("\n", ",\n")
        bad = [
            "2026-11-02T13:00,-3,",
            "2026-11-02T13:15,many,",
            "yesterday,3,",
            "2026-13-02T13:30,3,",
            "2026-11-02T13:07,3,",
            "2026-11-02T13:45,3,-1",
            "2026-11-02T14:00,nan,",
            "2026-11-02T09:00,99,",
        ]
        rows, report = volumes(text + "\n".join(bad) + "\n")
        assert len(rows) == 12
        assert reasons(report) == [
            (14, "negative"),
            (15, "not_a_number"),
            (16, "not_a_time"),
            (17, "not_a_time"),
            (19, "negative"),
            (20, "not_a_number"),
            (21, "contradicts_line"),
            (18, "off_grid"),
        ]

    def test_a_repeated_row_counts_once(self) -> None:
        rows, report = volumes("start,contacts\n" + quarters("2026-11-02") + "2026-11-02T09:00,7\n")
        first = next(r for r in rows if r.start.hour == 1 and r.start.minute == 0)
        assert len(rows) == 12
        if first.contacts == 7:
            assert "rows_repeated" in codes(report)
        else:
            assert reasons(report) == [(14, "contradicts_line")]

    def test_the_hour_that_does_not_exist_is_refused(self) -> None:
        text = (
            "start,contacts\n2026-03-29T00:30,1\n2026-03-29T01:00,2\n2026-03-29T01:30,3\n2026-03-29T02:00,4\n"
        )
        rows, report = volumes(text, zone="Europe/Lisbon")
        assert reasons(report) == [(3, "time_does_not_exist"), (4, "time_does_not_exist")]
        assert [r.contacts for r in rows] == [1, 4]
        assert rows[1].start - rows[0].start == timedelta(minutes=30)

    def test_the_hour_that_exists_twice_is_two_hours(self) -> None:
        starts = ["00:30", "01:00", "01:30", "01:00", "01:30", "02:00"]
        text = "start,contacts\n" + "".join(f"2026-10-25T{s},{i}\n" for i, s in enumerate(starts))
        rows, report = volumes(text, zone="Europe/Lisbon")
        assert [r.contacts for r in sorted(rows, key=lambda r: r.start)] == [0, 1, 2, 3, 4, 5]
        assert [b.start - a.start for a, b in pairwise(rows)] == [timedelta(minutes=30)] * 5
        assert "hour_twice" in codes(report)

    @pytest.mark.parametrize("text", ["+01:00 +00:00", "Z Z"])
    def test_the_hour_that_exists_twice_is_named_with_offsets_as_well(self, text: str) -> None:
        first, second = text.split()
        starts = [f"{h}{o}" for o in (first, second) for h in ("01:00", "01:30")]
        if text == "Z Z":
            starts = ["00:00Z", "00:30Z", "01:00Z", "01:30Z"]
        data = "start,contacts\n" + "".join(f"2026-10-25T{s},{i}\n" for i, s in enumerate(starts))
        rows, report = volumes(data, zone="Europe/Lisbon")
        assert [r.contacts for r in rows] == [0, 1, 2, 3]
        found = {f.code: f.data for f in report.findings}
        assert found["hour_twice_by_offset"] == {
            "zone": "Europe/Lisbon",
            "rows": 4,
            "hours": "2026-10-25 01:00",
        }
        assert "hour_twice" not in found

    def test_an_hour_written_with_an_offset_that_no_clock_shows_is_named(self) -> None:
        starts = ["00:30+00:00", "01:00+00:00", "01:30+00:00", "03:00+01:00", "02:30Z"]
        data = "start,contacts\n" + "".join(f"2026-03-29T{s},{i}\n" for i, s in enumerate(starts))
        rows, report = volumes(data, zone="Europe/Lisbon")
        assert len(rows) == 5
        skipped = next(f for f in report.findings if f.code == "hour_skipped")
        assert skipped.data == {"zone": "Europe/Lisbon", "rows": 2, "hours": "2026-03-29 02:00"}

    def test_rows_outside_opening_hours_are_counted(self) -> None:
        # Open Monday to Friday 09:00 to 17:00: 2 November 2026 is a Monday, 7 November a Saturday.
        starts = ["02T08:30", "02T09:00", "02T16:30", "02T17:00", "07T10:00"]
        text = "start,contacts\n" + "".join(f"2026-11-{s},{i + 1}\n" for i, s in enumerate(starts))
        rows, report = volumes(text)
        assert len(rows) == 5
        found = next(f for f in report.findings if f.code == "rows_outside_hours")
        assert found.data == {"queue": "phone", "rows": 3, "contacts": "10"}

    def test_gaps_missing_days_and_copied_days_are_named(self) -> None:
        days = [date(2026, 11, 2) + timedelta(days=i) for i in range(21)]
        text = "start,contacts\n"
        for i, day in enumerate(days):
            if day == date(2026, 11, 11):
                continue
            text += quarters(day.isoformat(), contacts=2 + (0 if day == date(2026, 11, 13) else i))
        text = text.replace("2026-11-04T10:15", "#").replace("2026-11-04T10:30", "#")
        lines = [line for line in text.splitlines() if not line.startswith("#")]
        _, report = volumes("\n".join(lines) + "\n")
        found = [
            (f.code, f.data.get("date"))
            for f in report.findings
            if f.code in ("gap", "day_missing", "days_equal")
        ]
        assert found == [("gap", "2026-11-04"), ("day_missing", "2026-11-11"), ("days_equal", "2026-11-13")]
        gap = next(f for f in report.findings if f.code == "gap")
        assert (gap.data["start"], gap.data["end"], gap.data["intervals"]) == ("10:15", "10:45", 2)

    def test_queues(self) -> None:
        text = (
            "queue,start,contacts\nphone,2026-11-02T09:00,5\nphnoe,2026-11-02T09:15,5\n"
            ",2026-11-02T09:30,5\nchat,2026-11-02T09:30,5\n"
        )
        _, report = read_volumes(text.encode(), source="v", settings=SETTINGS)
        assert reasons(report) == [(3, "unknown_queue"), (4, "empty")]
        assert report.refused[0].data["near"] == "phone"
        for queue, zone, kind in (
            ("fax", None, "unknown_queue"),
            (None, None, "queue_needed"),
            ("phone", "Mars/X", "unknown_zone"),
        ):
            data = b"start,contacts\n2026-11-02T09:00,5\n"
            with pytest.raises(RefusedError) as refused:
                read_volumes(data, source="v", settings=SETTINGS, queue=queue, zone=zone)
            assert refused.value.kind == kind

    def test_an_interval_that_cannot_be_told_refuses_the_file(self) -> None:
        with pytest.raises(RefusedError) as refused:
            volumes("start,contacts\n2026-11-02,5\n2026-11-03,6\n")
        assert refused.value.kind == "interval_unknown"
        rows, report = volumes("start,contacts\n2026-11-02T09:00,5\n")
        assert (rows, reasons(report)) == ([], [(2, "only_one_start")])

    def test_a_header_alone_is_no_error_and_no_row(self) -> None:
        rows, report = volumes("start,contacts\n")
        assert (rows, report.read) == ([], 0)


CONTACTS_HEADER = (
    "contact,queue,channel,type,priority,tier,arrived,answered,resolved,outcome,agent,handle_seconds\n"
)


def contacts(text: str, **options: object) -> tuple[list[Contact], ImportReport]:
    rows, report = read_contacts(text.encode(), source="c.csv", settings=SETTINGS, **options)  # type: ignore[arg-type]
    return [n.value for n in rows], report


class TestContacts:
    def test_a_row_in_either_language(self) -> None:
        text = CONTACTS_HEADER + (
            "GD1,chat,chat,complaint,high,vip,2026-11-02 14:30,2026-11-02 14:38,"
            "2026-11-03 10:00,solved,lin,4\n"
            "GD2,phone,电话,咨询,低,,2026/11/2 15:20,2026/11/2 15:28,,,,\n"
        )
        (first, second), report = contacts(text)
        assert not report.refused
        assert (first.type, first.priority, first.status) == (
            ContactType.COMPLAINT,
            Priority.HIGH,
            ContactStatus.SOLVED,
        )
        assert first.opened_at == datetime(2026, 11, 2, 6, 30, tzinfo=UTC)
        assert (second.type, second.priority, second.status) == (
            ContactType.CONSULT,
            Priority.LOW,
            ContactStatus.RESPONDED,
        )

    def test_what_cannot_be_is_refused(self) -> None:
        text = CONTACTS_HEADER + (
            "GD1,chat,,,,,2026-11-02 14:30,2026-11-02 14:00,,,,\n"
            "GD2,chat,,,,,2026-11-02 14:30,2026-11-02 14:50,2026-11-02 14:40,,,\n"
            "GD3,chat,fax,,,,2026-11-02 14:30,,,,,\n"
            "GD4,chat,,,,,,,,,,\n"
            "GD5,cht,,,,,2026-11-02 14:30,,,,,\n"
            "GD6,chat,,,,,2026-11-02 14:30,,,,,-5\n"
            ",chat,,,,,2026-11-02 14:30,,,,,\n"
        )
        rows, report = contacts(text)
        assert rows == []
        assert [r.reason for r in report.refused] == [
            "before_arrival",
            "resolved_before_answered",
            "unknown_value",
            "empty",
            "unknown_queue",
            "negative",
            "empty",
        ]

    def test_free_text_and_unknown_columns_never_get_in(self) -> None:
        text = (
            "contact,queue,arrived,outcome,customer_name,message\n"
            "GD1,chat,2026-11-02 14:30,solved,Zhang San,call me\n"
            "GD2,chat,2026-11-02 14:30,Zhang San's card 6222021234567890123 was charged twice,,\n"
            "Zhang San 13800138000,chat,2026-11-02 14:30,,,\n"
        )
        rows, report = contacts(text)
        assert [c.ref for c in rows] == ["GD1"]
        assert [r.reason for r in report.refused] == ["free_text", "not_a_reference"]
        said = "\n".join(report_lines(report, Translator("en"))) + str(report_json(report))
        assert "Zhang San" not in said
        assert "6222" not in said
        assert "customer_name, message" in said

    def test_what_stands_in_a_refused_row_is_not_repeated(self) -> None:
        secret = "Wei13812345678"
        rows = [
            "13812345678,chat,,,,,2026-11-02 14:30,,,,,",
            f"GD2,{secret},,,,,2026-11-02 14:30,,,,,",
            f"GD3,chat,,{secret},,,2026-11-02 14:30,,,,,",
            f"GD4,chat,,,{secret},,2026-11-02 14:30,,,,,",
            "GD5,chat,,,,the customer Zhang Wei called angrily,2026-11-02 14:30,,,,,",
            f"GD6,chat,,,,,{secret},,,,,",
            f"GD7,chat,,,,,2026-11-02 14:30,,,,,{secret}",
            f"GD8,chat,{secret},,,,2026-11-02 14:30,,,,,",
            "GD9,cht,,,,,2026-11-02 14:30,,,,,",
            "GD10,chat,,,,vip,2026-11-02 14:30,,,solved,,",
        ]
        kept, report = contacts(CONTACTS_HEADER + "\n".join(rows) + "\n")
        assert [c.ref for c in kept] == ["GD10"]
        assert reasons(report) == [
            (2, "personal_number"),
            (3, "unknown_queue"),
            (4, "unknown_value"),
            (5, "unknown_value"),
            (6, "free_text"),
            (7, "not_a_time"),
            (8, "not_a_number"),
            (9, "unknown_value"),
            (10, "unknown_queue"),
        ]
        for locale in ("en", "zh-Hans"):
            lines = report_lines(report, Translator(locale))
            said = "\n".join(lines) + str(report_json(report))
            assert not [word for word in ("1381234", "Wei", "cht", "angr") if word in said]
            assert "arrived" in lines[6]
        english = report_lines(report, Translator("en"))
        assert english[2] == (
            "  line 3: queue is none of app.yaml, which has: "
            f"{', '.join(SETTINGS.queues)}. Its value is not repeated here."
        )
        assert english[4].startswith("  line 5: priority is none of the allowed values: urgent, high")
        assert english[9] == "  line 10: queue is none of app.yaml. Did you mean chat?"

    def test_ticket_and_order_numbers_are_references(self) -> None:
        refs = ["GD20231027001", "2024031500012"]
        text = "contact,queue,arrived\n" + "".join(f"{ref},chat,2026-11-02 14:30\n" for ref in refs)
        rows, report = contacts(text)
        assert [c.ref for c in rows] == refs
        assert not report.refused

    def test_words_that_the_interface_understands_are_understood_here_too(self) -> None:
        text = CONTACTS_HEADER + "GD1,chat,,consultation,P1,,2026-11-02 14:30,,,,,\n"
        [contact], _ = contacts(text)
        assert (contact.type, contact.priority) == (ContactType.CONSULT, Priority.URGENT)

    def test_repeated_rows_are_named_by_line(self) -> None:
        text = "contact,queue,arrived\n" + "GD1,chat,2026-11-02 14:30\n" * 3
        rows, report = contacts(text)
        assert len(rows) == 1
        found = next(f for f in report.findings if f.code == "rows_repeated")
        assert found.data == {"rows": 2, "lines": "3, 4"}

    def test_a_line_break_in_a_stored_column_costs_that_row_only(self) -> None:
        text = (
            'contact,queue,arrived,outcome\nGD1,chat,2026-11-02 14:30,"sol\nved"\n'
            '"GD2\nx",chat,2026-11-02 14:30,solved\nGD3,chat,2026-11-02 14:30,solved\n'
        )
        rows, report = contacts(text)
        assert [c.ref for c in rows] == ["GD3"]
        assert {line for line, _ in reasons(report)} == {2, 3, 4, 5}
        assert all(len(line.splitlines()) == 1 for line in report_lines(report, Translator("en")))

    def test_an_abandoned_contact_is_not_open_for_ever(self) -> None:
        text = (
            "contact,queue,arrived,outcome\nGD1,phone,2026-11-02 14:30,abandoned\n"
            "GD2,phone,2026-11-02 14:30,\n"
        )
        rows, _ = contacts(text)
        assert [c.status for c in rows] == [ContactStatus.ARCHIVED, ContactStatus.NEW]


class TestAgents:
    def read(self, text: str, settings: Settings = SETTINGS) -> tuple[list[object], ImportReport]:
        rows, report = read_agents(text.encode(), source="a.csv", settings=settings)
        return [n.value for n in rows], report

    def test_skills_roles_and_defaults(self) -> None:
        text = (
            "agent,name,email,team,skills,contract,zone,role\n"
            "lin,Lin,Lin@Harbour.example,,phone:1.0;chat:0.8,full-time,,组长\n"
        )
        [lin], report = self.read(text)
        assert not report.refused
        assert lin.skills == {"phone": 1.0, "chat": 0.8}  # type: ignore[attr-defined]
        assert (lin.role, lin.zone, lin.team, lin.email) == (  # type: ignore[attr-defined]
            Role.LEAD,
            "Asia/Shanghai",
            "harbour",
            "lin@harbour.example",
        )

    def test_every_wrong_cell_says_what_would_be_right(self) -> None:
        text = "agent,email,team,skills,contract,zone,role\n" + "\n".join(
            [
                "a1,a1@x.cn,habour,chat,full-time,,",
                "a2,a2@x.cn,harbour,chat,fulltime,,",
                "a3,a3@x.cn,harbour,chat,full-time,Asia/Shanghia,",
                "a4,a4@x.cn,harbour,chat:5,full-time,,",
                "a5,a5,harbour,chat,full-time,,",
                "a6,a6@x.cn,harbour,,full-time,,",
                "a7,a7@x.cn,harbour,chat,full-time,,boss",
                "a8,a8@x.cn,harbour,chat,full-time,,",
                "a9,a8@x.cn,harbour,chat,full-time,,",
                "a8,other@x.cn,harbour,chat,full-time,,",
            ]
        )
        rows, report = self.read(text)
        assert len(rows) == 1
        assert [r.reason for r in report.refused] == [
            "unknown_team",
            "unknown_contract",
            "unknown_zone",
            "proficiency",
            "not_an_email",
            "empty",
            "unknown_value",
            "email_repeated",
            "contradicts_line",
        ]
        assert report.refused[0].data["near"] == "harbour"
        assert report.refused[1].data["near"] == "full-time"

    def test_a_skill_no_queue_needs_is_pointed_out(self) -> None:
        _, report = self.read("agent,email,skills,contract\na,a@x.cn,chta,full-time\n")
        assert [(f.code, f.data["near"]) for f in report.findings] == [("skill_without_queue", "chat")]

    def test_a_slip_in_a_skill_that_a_rule_counts_is_known_too(self) -> None:
        speakers = PresenceSettings(
            name="speakers", attribute=skill_attribute("english"), least=1, most=None, weight=30, queues=()
        )
        chosen = replace(SETTINGS, roster=replace(SETTINGS.roster, presence=(speakers,)))
        people = ("a,a@x.cn,chat;englsh;lathe,full-time", "b,b@x.cn,english,full-time")
        text = "\n".join(("agent,email,skills,contract", *people))
        _, report = read_agents(text.encode(), source="a", settings=chosen)
        slip, other = report.findings
        assert (slip.data["skill"], slip.data["near"]) == ("englsh", "english")
        assert (other.data["skill"], other.data["known"]) == ("lathe", "chat, english, phone")


class TestAvailabilityLeaveAndRoster:
    def test_weekdays_dates_ranges_and_midnight(self) -> None:
        text = (
            "agent,weekday_or_date,start,end\na,mon-wed,09:00,17:00\na,周日,18:00,24:00\n"
            "a,2026-12-24,9:00,12:00\n"
        )
        rows, report = read_availability(text.encode(), source="v")
        assert not report.refused
        assert [(n.value.weekday, n.value.day, n.value.end) for n in rows] == [
            (0, None, time(17)),
            (1, None, time(17)),
            (2, None, time(17)),
            (6, None, time(0)),
            (None, date(2026, 12, 24), time(12)),
        ]

    def test_availability_that_cannot_be(self) -> None:
        text = (
            "agent,weekday_or_date,start,end\na,someday,09:00,17:00\na,mon,17:00,09:00\n"
            "a,mon,25:00,26:00\n,mon,9:00,10:00\n"
        )
        _, report = read_availability(text.encode(), source="v")
        assert [r.reason for r in report.refused] == [
            "not_a_weekday_or_date",
            "ends_before_start",
            "not_a_clock_time",
            "empty",
        ]

    def test_leave(self) -> None:
        text = (
            "agent,start,end,kind\na,2026-11-30,2026-12-02,annual\nb,2026-11-30,,\nc,2026-12-02,2026-12-01,x\n"
            "d,2026-02-30,,\nf,2026-12-01,,because she is ill with flu\n"
            "e,2026-12-01,,broke her leg in 2026 at home, poor thing\n".replace("home,", "home")
        )
        rows, report = read_leave(text.encode(), source="l")
        assert [(n.value.agent, n.value.last, n.value.kind) for n in rows] == [
            ("a", date(2026, 12, 2), "annual"),
            ("b", date(2026, 11, 30), "leave"),
        ]
        assert [r.reason for r in report.refused] == [
            "ends_before_start",
            "not_a_date",
            "free_text",
            "free_text",
        ]

    def test_a_spreadsheets_roster_with_times_of_day(self) -> None:
        text = (
            "客服,日期,活动,开始,结束\na,2026-11-30,phone,09:00,13:00\n"
            "a,2026-11-30,午休,13:00,14:00\na,2026-11-30,chat,20:00,02:00\n"
        )
        rows, report = read_roster(text.encode(), source="r", settings=SETTINGS)
        assert not report.refused
        assert [(n.value.activity, n.value.start.hour, n.value.end.hour) for n in rows] == [
            ("phone", 1, 5),
            ("lunch", 5, 6),
            ("chat", 12, 18),
        ]
        assert "zone_assumed" in codes(report)

    def test_a_roster_row_that_cannot_be(self) -> None:
        text = (
            "agent,date,activity,start,end\n"
            "a,2026-11-30,phnoe,2026-11-30T09:00+08:00,2026-11-30T13:00+08:00\n"
            "a,2026-11-30,phone,2026-11-30T13:00+08:00,2026-11-30T09:00+08:00\n"
            "a,2026-11-30,phone,2026-11-30T13:00+08:00,2026-12-02T09:00+08:00\n"
        )
        rows, report = read_roster(text.encode(), source="r", settings=SETTINGS)
        assert rows == []
        assert [r.reason for r in report.refused] == [
            "unknown_activity",
            "ends_before_start",
            "too_long_activity",
        ]
        assert report.refused[0].data["near"] == "phone"


@pytest.mark.parametrize(("locale", "asked"), [("en", "Did you mean"), ("zh-Hans", "是不是")])
def test_nobody_is_asked_about_a_name_that_nothing_is_near_to(locale: str, asked: str) -> None:
    t = Translator(locale)
    for queue, near in (("phnoe", True), ("xxxxxxxx", False)):
        rows = "".join(
            f"{q},2026-11-02T09:{m},5\n" for q, m in ((queue, "00"), ("phone", "00"), ("phone", "30"))
        )
        text = "queue,start,contacts\n" + rows
        _, report = read_volumes(text.encode(), source="v", settings=SETTINGS)
        said = report_lines(report, t)[1]
        assert (asked in said) is near
        assert ("chat" in said) is not near
        agents = (
            f"agent,email,team,skills,contract\na,a@x.cn,{queue.replace('phnoe', 'habour')},chat,full-time\n"
        )
        _, report = read_agents(agents.encode(), source="a", settings=SETTINGS)
        assert (asked in report_lines(report, t)[1]) is near
        skills = f"agent,email,skills,contract\na,a@x.cn,{queue},full-time\n"
        _, report = read_agents(skills.encode(), source="a", settings=SETTINGS)
        assert (asked in report_lines(report, t)[1]) is near
        roster = f"agent,date,activity,start,end\na,2026-11-30,{queue},09:00,13:00\n"
        _, report = read_roster(roster.encode(), source="r", settings=SETTINGS)
        assert (asked in report_lines(report, t)[1]) is near
    for agent, data in (("lni", {"near": "lin"}), ("zz", {"near": "-"})):
        row = RefusedRow(line=2, reason="unknown_agent", data={"value": agent, **data})
        report = ImportReport(kind="leave", source="l", read=1, refused=(row,))
        said = report_lines(report, t)[1]
        assert (asked in said) is (agent == "lni")
        assert "-" not in said


@pytest.mark.parametrize("locale", ["en", "zh-Hans"])
def test_every_reason_and_finding_has_a_sentence(locale: str) -> None:
    import re
    from pathlib import Path

    t = Translator(locale)
    root = Path(__file__).parents[3]
    sources = [*(root / "bot/imports").glob("*.py"), root / "bot/usecases/import_data.py"]
    text = "\n".join(p.read_text(encoding="utf-8") for p in sources)
    found = set(re.findall(r'CellError\(\s*"([a-z_]+)"', text)) | set(re.findall(r'reason="([a-z_]+)"', text))
    assert len(found) > 20
    assert [r for r in sorted(found) if not t.has(f"import.refused.{r}")] == []
    findings = set(re.findall(r'Finding\(\s*code="([a-z_]+)"', text))
    assert len(findings) > 10
    assert [f for f in sorted(findings) if not t.has(f"import.finding.{f}")] == []
