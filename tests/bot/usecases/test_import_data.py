"""Files into the store: the same twice changes nothing, what is known stays, contacts become volumes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from bot.core.case_history import steps_of
from bot.core.errors import NotFoundError, RefusedError
from bot.core.ids import AgentId
from bot.core.import_report import ImportReport
from bot.core.kpis.catalogue import Kpi
from bot.core.kpis.compute import Figure, Missing
from bot.core.settings import PresenceSettings, Settings
from bot.core.sla import ClockState, SlaPolicy, SlaTerms, make_clocks
from bot.imports.agents import read_agents
from bot.imports.availability import read_availability
from bot.imports.contacts import read_contacts
from bot.imports.leave import read_leave
from bot.imports.roster import read_roster
from bot.reports.spreadsheet import ROSTER_COLUMNS, roster_rows, write_csv
from bot.store.unit_of_work import Store
from bot.usecases import import_data, share_calendar
from bot.usecases.kpis import read_facts
from scheduler.roster.people import skill_attribute
from tests.bot.usecases.planning import NOW, WEEK, fill, planning_settings
from tests.support.builders import CHAT, OFFICE, PHONE, SHANGHAI, at, contact, response

SETTINGS = planning_settings()
HALF_HOUR = timedelta(minutes=30)
TERMS = SlaTerms(
    policies=(SlaPolicy(name="all", targets=(response(5),)),), warn_at=(), calendars={"office": OFFICE}
)


def contacts(store: Store, text: str) -> ImportReport:
    rows, report = read_contacts(text.encode(), source="c.csv", settings=SETTINGS)
    return import_data.import_contacts(store, SETTINGS, rows, report)


def changes(report: ImportReport) -> tuple[int, int, int]:
    return report.counts.new, report.counts.changed, report.counts.unchanged


def cases(day: str, hours: range = range(9, 17)) -> str:
    return "".join(
        f"{day}-{h}-{m},phone,{day} {h:02d}:{m:02d},{day} {h:02d}:{m + 1:02d},,answered,ann,{200 + m}\n"
        for h in hours
        for m in (5, 10, 40)
    )


HEADER = "contact,queue,arrived,answered,resolved,outcome,agent,handle_seconds\n"


def test_contacts_are_counted_with_zeros_where_open_and_handling_times(store: Store) -> None:
    fill(store, weeks=0)
    report = contacts(store, HEADER + cases("2026-11-23", range(9, 12)) + cases("2026-11-24"))
    assert changes(report) == (33, 0, 0)
    with store.unit() as uow:
        history = uow.volumes.history(PHONE, SHANGHAI, HALF_HOUR)
    assert history is not None
    assert history.offered.sum() == 33
    first, second = history.offered[:48], history.offered[48:]
    assert first[18:24].tolist() == [2, 1] * 3
    # Open until 17:00 on the first day and nobody came after 12: zeros that were observed.
    assert history.observed[:48].tolist() == [False] * 18 + [True] * 16 + [False] * 14
    assert second[18:20].tolist() == [2, 1]
    assert history.aht_seconds[18] == pytest.approx(207.5)


def test_the_same_contacts_twice_change_nothing_and_a_correction_changes_one(store: Store) -> None:
    fill(store, weeks=0)
    text = HEADER + cases("2026-11-23")
    contacts(store, text)
    again = contacts(store, text)
    assert changes(again) == (0, 0, 24)
    counted = next(f for f in again.findings if f.code == "counted")
    assert counted.data["changed"] == 0
    corrected = contacts(
        store, text.replace("2026-11-23 09:05,2026-11-23 09:06", "2026-11-23 09:05,2026-11-23 09:07")
    )
    assert changes(corrected) == (0, 1, 23)


def test_a_second_file_of_the_same_day_adds_to_it(store: Store) -> None:
    fill(store, weeks=0)
    contacts(store, HEADER + cases("2026-11-23", range(9, 12)))
    contacts(store, HEADER + cases("2026-11-23", range(11, 17)))
    with store.unit() as uow:
        history = uow.volumes.history(PHONE, SHANGHAI, HALF_HOUR)
    assert history is not None
    assert history.offered.sum() == 24


def test_imported_history_makes_no_clock_and_no_alert(store: Store) -> None:
    fill(store, weeks=0)
    contacts(store, HEADER + cases("2020-11-23").replace("answered,", ","))
    with store.unit() as uow:
        assert uow.contacts.open_overdue([PHONE, CHAT], NOW, 10) == ([], 0)
        assert uow.outbox.backlog(NOW).waiting == 0


def overdue(store: Store, settings: Settings = SETTINGS) -> Figure:
    """Of the chats of Tuesday and Wednesday, as told a week later."""
    span = (at(0), at(0) + timedelta(days=2))
    with store.read() as uow:
        facts = read_facts(uow, settings, [CHAT], [span], now=at(0) + timedelta(days=7))
    return facts.figures(span).by_kpi[Kpi.OVERDUE_RATE]


HISTORY = HEADER + (
    "C1,chat,2026-11-24 10:00,2026-11-24 10:29,,,,\n"
    "C2,chat,2026-11-24 10:00,2026-11-24 10:31,2026-11-24 10:40,,,\n"
    # Came in the last ten minutes of the day: due at 09:20 of the next.
    "C3,chat,2026-11-24 16:50,2026-11-25 09:15,,,,\n"
    "C4,chat,2026-11-24 11:00,,,,,\n"
    # Put away without an answer, nobody knows when.
    "C5,chat,2026-11-24 12:00,,,abandoned,,\n"
)


def test_contacts_of_a_file_count_as_overdue_by_the_promises_in_force(store: Store) -> None:
    fill(store, weeks=0)
    contacts(store, HISTORY)
    found = overdue(store)
    assert (found.value, found.count) == (0.5, 4)
    # Promises that are made later change nothing of what was.
    gentle = replace(SETTINGS, policies=(SlaPolicy(name="all", targets=(response(600),)),))
    rows, report = read_contacts(HISTORY.encode(), source="c.csv", settings=gentle)
    import_data.import_contacts(store, gentle, rows, report)
    assert overdue(store, gentle).value == 0.5


def test_a_file_that_was_imported_before_is_promised_something_when_it_comes_again(store: Store) -> None:
    fill(store, weeks=0)
    nothing = replace(SETTINGS, policies=())
    rows, report = read_contacts(HISTORY.encode(), source="c.csv", settings=nothing)
    import_data.import_contacts(store, nothing, rows, report)
    assert overdue(store).missing is Missing.NO_PROMISES
    assert changes(contacts(store, HISTORY)) == (0, 0, 5)
    assert overdue(store).count == 4


def test_a_clock_says_more_than_a_file(store: Store) -> None:
    fill(store, weeks=0)
    contacts(store, HISTORY)
    with store.unit() as uow:
        (clock,) = make_clocks(steps_of(contact("C2", queue=CHAT, opened_at=at(10))), TERMS, OFFICE)
        uow.clocks.save([replace(clock, state=ClockState.CANCELLED)])
        uow.commit()
    assert overdue(store).count == 3


def test_an_agent_we_do_not_know_is_left_out(store: Store) -> None:
    report = contacts(store, HEADER + cases("2026-11-23", range(9, 10)))
    assert next(f for f in report.findings if f.code == "agents_unknown").data["rows"] == 3
    with store.unit() as uow:
        everything = uow.contacts.opened_between([PHONE], NOW - timedelta(days=9), NOW + timedelta(days=9))
    assert {c.agent for c in everything} == {None}


def test_agents_twice_and_an_e_mail_that_belongs_to_another(store: Store) -> None:
    text = "agent,email,skills,contract\na1,a1@x.cn,chat,full-time\na2,a2@x.cn,chat,full-time\n"
    for expected in ((2, 0, 0), (0, 0, 2)):
        rows, report = read_agents(text.encode(), source="a", settings=SETTINGS)
        assert changes(import_data.import_agents(store, SETTINGS, rows, report)) == expected
    other = "agent,email,skills,contract\na3,a1@x.cn,chat,full-time\na4,a4@x.cn,chat,full-time\n"
    rows, report = read_agents(other.encode(), source="a", settings=SETTINGS)
    done = import_data.import_agents(store, SETTINGS, rows, report)
    assert [(r.line, r.reason, r.data["agent"]) for r in done.refused] == [(2, "email_taken", "a1")]
    assert changes(done) == (1, 0, 0)


def test_an_id_that_passes_to_another_person_opens_no_calendar_of_theirs(store: Store) -> None:
    text = "agent,name,email,skills,contract\na1,Ann,a1@x.cn,chat,full-time\na2,Bo,a2@x.cn,chat,full-time\n"
    rows, report = read_agents(text.encode(), source="a", settings=SETTINGS)
    import_data.import_agents(store, SETTINGS, rows, report)
    for who in ("a1", "a2"):
        share_calendar.link(store, AgentId(who), f"token-of-{who}", now=at(9))
    rows, report = read_agents(text.replace("a1@", "new@").encode(), source="a", settings=SETTINGS)
    done = import_data.import_agents(store, SETTINGS, rows, report)
    assert [(f.code, f.data["agents"]) for f in done.findings] == [("calendar_links_ended", 1)]
    with pytest.raises(NotFoundError):
        share_calendar.feed(store, "token-of-a1", now=at(10))
    assert share_calendar.feed(store, "token-of-a2", now=at(10)).agent.name == "Bo"


def test_a_rule_that_counts_a_skill_of_nobody_is_pointed_out(store: Store) -> None:
    def rule(name: str, attribute: str | None) -> PresenceSettings:
        return PresenceSettings(name=name, attribute=attribute, least=1, most=None, weight=30, queues=())

    presence = (
        rule("speakers", skill_attribute("english")),
        rule("incidents", skill_attribute("outages")),
        rule("leads", "lead"),
        rule("seats", None),
    )
    chosen = replace(SETTINGS, roster=replace(SETTINGS.roster, presence=presence))

    def found(text: str) -> list[tuple[str, object, object, object]]:
        head = "agent,email,skills,contract\n"
        rows, report = read_agents((head + text).encode(), source="a", settings=chosen)
        done = import_data.import_agents(store, chosen, rows, report)
        return [
            (f.code, f.data["rule"], f.data["skill"], f.data.get("near"))
            for f in done.findings
            if f.code == "rule_without_agents"
        ]

    assert found("a1,a1@x.cn,chat;englisch,full-time\n") == [
        ("rule_without_agents", "speakers", "english", "englisch"),
        ("rule_without_agents", "incidents", "outages", None),
    ]
    # Whoever was imported before counts as well.
    assert found("a2,a2@x.cn,chat;english,full-time\n")[0][1] == "incidents"
    assert found("a3,a3@x.cn,chat;outages,full-time\n") == []


def test_availability_and_leave_of_unknown_agents_are_refused_the_rest_is_kept(store: Store) -> None:
    fill(store, weeks=0)
    available = b"agent,weekday_or_date,start,end\nann,mon,09:00,17:00\nanne,mon,09:00,17:00\n"
    for expected in ((1, 0, 0), (0, 0, 1)):
        rows, report = read_availability(available, source="v")
        done = import_data.import_availability(store, rows, report)
        assert changes(done) == expected
        assert [(r.line, r.reason, r.data["near"]) for r in done.refused] == [(3, "unknown_agent", "ann")]
    away = b"agent,start,end,kind\nbo,2026-11-24,2026-11-25,annual\nnobody,2026-11-24,,\n"
    entries, report = read_leave(away, source="l")
    done = import_data.import_leave(store, entries, report)
    assert (changes(done), len(done.refused)) == ((1, 0, 0), 1)


def test_without_agents_nothing_that_needs_them_is_taken(store: Store) -> None:
    rows, report = read_leave(b"agent,start,end,kind\nbo,2026-11-24,,\n", source="l")
    with pytest.raises(RefusedError) as refused:
        import_data.import_leave(store, rows, report)
    assert refused.value.kind == "no_agents"


ROSTER = (
    "agent,date,activity,start,end\n"
    "ann,2026-11-23,phone,2026-11-23T09:00+08:00,2026-11-23T12:00+08:00\n"
    "ann,2026-11-23,lunch,2026-11-23T12:00+08:00,2026-11-23T12:30+08:00\n"
    "ann,2026-11-23,phone,2026-11-23T12:30+08:00,2026-11-23T17:00+08:00\n"
    "bo,2026-12-01,phone,2026-12-01T09:00+08:00,2026-12-01T12:00+08:00\n"
    "bo,2026-12-01,phone,2026-12-01T13:00+08:00,2026-12-01T17:00+08:00\n"
)


def roster(store: Store, text: str) -> ImportReport:
    rows, report = read_roster(text.encode(), source="r.csv", settings=SETTINGS)
    return import_data.import_roster(store, SETTINGS, rows, report, now=NOW)


def test_a_roster_becomes_one_draft_per_week_and_a_gap_a_lunch(store: Store) -> None:
    fill(store, weeks=0)
    done = roster(store, ROSTER)
    assert changes(done) == (2, 0, 0)
    assert [f.code for f in done.findings] == ["gaps_as_lunch", "roster_week", "roster_week"]
    with store.unit() as uow:
        first = uow.rosters.latest(first=WEEK)
        second = uow.rosters.latest(first=date(2026, 11, 30))
    assert first is not None
    assert second is not None
    [ann] = first.roster.by_agent()["ann"]
    assert [s.activity for s in ann.segments] == ["phone", "lunch", "phone"]
    assert ann.paid_time == timedelta(hours=7, minutes=30)
    [bo] = second.roster.by_agent()["bo"]
    assert [s.activity for s in bo.segments] == ["phone", "lunch", "phone"]


def test_an_exported_roster_is_read_back_identically(store: Store) -> None:
    fill(store, weeks=0)
    roster(store, ROSTER)
    with store.unit() as uow:
        before = uow.rosters.latest(first=WEEK)
    assert before is not None
    again = roster(store, write_csv(ROSTER_COLUMNS, roster_rows(before.roster)))
    assert changes(again) == (0, 0, 1)
    with store.unit() as uow:
        after = uow.rosters.latest(first=WEEK)
    assert after is not None
    assert (after.roster_id, after.roster) == (before.roster_id, before.roster)


def test_a_changed_roster_is_a_new_draft_and_overlaps_are_refused(store: Store) -> None:
    fill(store, weeks=0)
    roster(store, ROSTER)
    changed = ROSTER.replace("2026-11-23T17:00", "2026-11-23T16:00")
    changed += "ann,2026-11-23,chat,2026-11-23T10:00+08:00,2026-11-23T11:00+08:00\n"
    done = roster(store, changed)
    assert changes(done) == (0, 1, 1)
    assert [(r.line, r.reason) for r in done.refused] == [(7, "overlap")]
