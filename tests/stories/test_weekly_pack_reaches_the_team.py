"""L13: on Monday the team reads last week's figures against its goals; late is said."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta
from pathlib import Path

from bot.core.causes import NamedCause
from bot.core.courses import Measure
from bot.core.ids import ContactRef
from bot.core.kpis.catalogue import Kpi
from bot.core.kpis.goals import Goal
from bot.core.kpis.settings import PackTimes
from bot.core.packs import WEEK, last_period
from bot.core.settings import Settings
from bot.core.sla import ClockState, SlaClock
from bot.playground import Fault, FaultKind, Message
from bot.store.unit_of_work import Store
from bot.usecases import weekly_pack
from tests.stories.service import Service, Setting, running
from tests.support.builders import CHAT, TEAM, at, contact, settings

MONDAY = date(2026, 11, 23)
FRIDAY = MONDAY - timedelta(days=3)


def with_a_goal() -> Settings:
    goal = Goal(
        kpi=Kpi.FIRST_RESPONSE_MEAN,
        queue=CHAT,
        baseline=900.0,
        value=480.0,
        start=date(2026, 11, 1),
        by=date(2026, 12, 1),
    )
    held = settings()
    team = held.teams[TEAM]
    monday = PackTimes(at=time(9), weekday=0)
    channels = {**team.channels, "weekly_pack": "harbour-ops"}
    team = replace(team, goals=(goal,), weekly_pack=monday, channels=channels)
    return replace(held, teams={**held.teams, TEAM: team})


def last_week(store: Store) -> None:
    """Two chats of Friday, both bo's: one answered in 6 minutes, one in 8: too late, for a known cause."""
    with store.unit() as uow:
        for n, minutes in enumerate((6, 8)):
            opened = at(10, n, day=FRIDAY)
            answered = opened + timedelta(minutes=minutes)
            case = contact(f"GD{n}", queue=CHAT, opened_at=opened, responded_at=answered, agent="bo")
            uow.contacts.save([replace(case, resolved_at=answered, handle_seconds=200.0)])
            due = opened + timedelta(minutes=7)
            uow.clocks.save(
                [
                    SlaClock(
                        ref=ContactRef(f"GD{n}"),
                        measure=Measure.FIRST_RESPONSE,
                        policy="standard",
                        started_at=opened,
                        due_at=due,
                        state=ClockState.BREACHED if answered > due else ClockState.MET,
                        next_check_at=None,
                        warnings=(),
                        warned=(),
                        stopped_at=answered,
                    )
                ]
            )
        (miss,) = uow.misses.between([CHAT], at(0, day=FRIDAY), at(23, day=FRIDAY), at(23, day=FRIDAY))
        uow.misses.name([miss], NamedCause(cause="training", note=None, by="lin", at=at(12, day=FRIDAY)))
        uow.commit()


def packs(service: Service) -> list[Message]:
    return [m for m in service.posts("harbour-ops") if m.text.startswith("Weekly pack")]


def pictures(service: Service, pack: Message) -> list[Message]:
    return [m for m in service.slack.channel(pack.channel).thread(pack.ts) if m.files]


def typed(service: Service, who: str, words: str) -> str:
    return service.slack.render(service.slack.user(who).command("/muster", words).answer(), who)


def setting(**fields: object) -> Setting:
    return Setting(settings=with_a_goal(), channels=("harbour-ops",), **fields)  # type: ignore[arg-type]


def test_on_monday_the_team_reads_figures_goals_and_causes(tmp_path: Path) -> None:
    with running(tmp_path, setting(start=at(8, 58, day=MONDAY))) as service:
        last_week(service.store)
        service.settle()
        assert packs(service) == []
        service.forward_to(at(9, 0, 1, day=MONDAY))
        service.application.runner.wake("packs")
        (pack,) = service.wait(lambda: packs(service), "the pack")
        text = service.slack.render(pack, "lin")
        assert "Weekly pack harbour, Mon 16 Nov to Sun 22 Nov 2026" in text
        assert "1 of 1 goals on course" in text
        assert (
            "First response, mean (chat): 7 min (path 10 min, goal 8 min by Tue 1 Dec 2026) – goal reached"
            in text
        )
        assert "Responses overdue: 50%" in text
        # An AHT never stands alone, and what is missing says why.
        (line,) = [row for row in text.splitlines() if "AHT: 3 min 20 sec" in row]
        assert "First-contact resolution (FCR): missing:" in line
        assert "CSAT, all scales: missing: no customer has answered" in line
        assert "training: 1 (100%, together 100%)" in text
        assert "late" not in text
        # Its picture follows, before anything else is posted there.
        service.forward_to(at(9, 0, 4, day=MONDAY))
        service.wait(lambda: pictures(service, pack), "the picture")
        service.forward_to(at(15, day=MONDAY))
        service.settle()
        assert len(packs(service)) == 1
        # The same on request, in the reader's language, for whoever asked alone.
        assert "harbour 周报，11月16日 周一" in typed(service, "chen", "周报")
        assert "Formula: overdue / (answered + due and not answered)" in typed(
            service, "lin", "kpi overdue_rate"
        )
        whole = typed(service, "bo", "kpi aht")
        assert whole.index("AHT") < whole.index("FCR") < whole.index("CSAT")
        # Posted somewhere else because somebody asked for it.
        period = last_period(WEEK, at(15, day=MONDAY), "Asia/Shanghai")
        store, now = service.store, service.clock()
        weekly_pack.post(store, service.settings, TEAM, period, channel="#harbour-ops", by="lin", now=now)
        service.application.runner.wake("deliver")
        service.wait(lambda: packs(service)[1:], "the pack that was asked for")


def test_the_pack_has_its_picture_below_with_words_for_who_cannot_see_it(tmp_path: Path) -> None:
    with running(tmp_path, setting(start=at(8, 58, day=MONDAY))) as service:
        last_week(service.store)
        service.forward_to(at(9, 0, 1, day=MONDAY))
        service.application.runner.wake("packs")
        (pack,) = service.wait(lambda: packs(service), "the pack")
        # Slack takes one post a second in a channel.
        service.forward_to(at(9, 0, 4, day=MONDAY))
        [below] = service.wait(lambda: pictures(service, pack), "the picture")
        assert below.thread_ts == pack.ts
        file = service.slack.workspace.files[below.files[0]]
        assert (file.name, file.title) == ("pack-week-2026-11-16.png", "Pack harbour: goals and causes")
        assert file.content is not None
        assert file.content.startswith(b"\x89PNG")
        # The figure of eight weeks, its path and goal, and the causes.
        assert file.alt_text is not None
        assert "–, –, and 7 min; path 10 min, goal 8 min" in file.alt_text
        assert "Pareto of causes with the 80 % line: training: 1 (100%, together 100%)" in file.alt_text


def test_a_picture_slack_does_not_take_costs_nothing_but_itself(tmp_path: Path) -> None:
    with running(tmp_path, setting(start=at(8, 58, day=MONDAY))) as service:
        last_week(service.store)
        service.slack.faults.add(
            "files.getUploadURLExternal", Fault(kind=FaultKind.SLACK_ERROR, error="storage_limit_reached")
        )
        service.forward_to(at(9, 0, 1, day=MONDAY))
        service.application.runner.wake("packs")
        (pack,) = service.wait(lambda: packs(service), "the pack")
        service.forward_to(at(9, 0, 4, day=MONDAY))
        service.settle()
        assert service.posts("harbour-ops") == [pack]
        assert pictures(service, pack) == []


def test_figures_of_one_person_are_that_persons_and_the_leads(tmp_path: Path) -> None:
    with running(tmp_path, setting(start=at(10, day=MONDAY + timedelta(days=2)))) as service:
        last_week(service.store)
        own = typed(service, "bo", "kpi me")
        assert "own figures, Mon 16 Nov to Sun 22 Nov 2026" in own
        assert "Throughput: 2" in own
        assert own.index("FCR") < own.index("AHT")
        bo = f"<@{service.slack.user('bo').user.id}>"
        assert "Throughput: 2" in typed(service, "lin", f"kpi {bo}")
        refused = typed(service, "chen", f"kpi {bo}")
        assert "2" not in refused
        assert "请联系该团队的组长" in refused


def test_a_pack_that_comes_late_says_so_and_a_wrong_name_what_there_is(tmp_path: Path) -> None:
    with running(tmp_path, setting(start=at(13, day=MONDAY - timedelta(days=1)))) as service:
        last_week(service.store)
    # Nobody was there at nine; the service comes back at one.
    with running_again(tmp_path) as service:
        (pack,) = service.wait(lambda: packs(service), "the late pack")
        assert "This pack is late" in service.slack.render(pack, "lin")
        service.application.runner.wake("packs")
        service.settle()
        assert len(packs(service)) == 1
        said = typed(service, "lin", "kpi speed")
        assert 'No key figure is called "speed"; nothing was shown.' in said
        assert "first_response_mean" in said
        assert "That period has not begun; nothing was shown." in typed(service, "lin", "pack 2026-W52")


def running_again(tmp_path: Path):
    return running(tmp_path, setting(start=at(13, day=MONDAY)))
