"""U13, A14: `@harbour-now` and a channel's topic follow who is on shift, by the roster as it stands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from bot.core.ids import AgentId, TeamId
from bot.core.on_shift_places import OnShiftGroup
from bot.playground import Message
from bot.playground.model import Usergroup
from bot.slack.manifest import scopes
from tests.stories.service import DAY, Service, Setting, running
from tests.stories.test_shifts_change_hands import SWAPPABLE, THU, got, needed, said, with_rules
from tests.support.builders import TEAM, at

NOW = "harbour-now"
FLOOR = "harbour-floor"
QUAY = TeamId("quay")
ALL = frozenset(scopes(user_groups=False, on_shift_groups=True, on_shift_topics=True))
SHIFTS = [("lin", at(9), at(18)), ("bo", at(9), at(18)), ("chen", at(13), at(22))]
TEN = at(10)
WED = DAY + timedelta(days=1)


@contextmanager
def team(
    tmp_path: Path,
    *,
    start: datetime = TEN,
    shifts: Sequence[tuple[str, datetime, datetime]] = SHIFTS,
    granted: frozenset[str] = ALL,
    groups: tuple[OnShiftGroup, ...] = (OnShiftGroup(group=NOW),),
    topic: str | None = None,
    quay: bool = False,
) -> Iterator[Service]:
    """The service with ``@harbour-now``, which has only ada in it; with ``quay`` a second team feeds it."""
    plain = with_rules()
    held = replace(plain.teams[TEAM], on_shift_groups=groups, on_shift_topic=topic)
    teams = {TEAM: held}
    if quay:
        teams[QUAY] = replace(held, team=QUAY, on_shift_topic=None)
    setting = Setting(
        start=start,
        shifts=shifts,
        settings=replace(plain, teams=teams),
        scopes=granted,
        channels=(FLOOR,),
    )
    with running(tmp_path, setting) as service:
        service.slack.workspace.add_usergroup(NOW, members=["ada"])
        yield service


def group(service: Service, handle: str = NOW) -> Usergroup:
    return next(g for g in service.slack.workspace.usergroups.values() if g.handle == handle)


def members(service: Service, handle: str = NOW) -> set[str]:
    """Names of those whom a mention would reach now."""
    found = group(service, handle)
    if found.disabled_at:
        return set()
    return {service.slack.workspace.users[user].name for user in found.users}


def look(service: Service, instant: datetime | None = None) -> None:
    if instant is not None:
        service.clock.forward_to(instant)
    service.application.runner.wake("on_shift", "deliver")


def reach(service: Service, *names: str, handle: str = NOW) -> None:
    service.wait(lambda: members(service, handle) == set(names), f"@{handle} is {names}")


def updates(service: Service, method: str = "usergroups.users.update") -> int:
    return sum(1 for call in service.slack.workspace.calls if call.method == method)


def topic(service: Service) -> str:
    return service.slack.workspace.channel(FLOOR).topic


def notices(service: Service, part: str) -> list[Message]:
    return [m for m in service.direct("ada") if part in service.slack.render(m, "ada")]


def says(service: Service, words: str, part: str) -> None:
    """Wait until bo's command answers with this."""
    service.wait(lambda: part in service.slack.render(said(service, "bo", words), "bo"), f"{words}: {part}")


def test_shifts_begin_and_end_and_sickness_takes_one_out(tmp_path: Path) -> None:
    with team(tmp_path) as service:
        look(service)
        reach(service, "lin", "bo")
        look(service, at(13, 1))
        reach(service, "lin", "bo", "chen")
        # Lunch is a pause, not the end of the shift; without a change Slack is not called again.
        before = updates(service)
        look(service, at(13, 40))
        service.settle()
        assert (members(service), updates(service)) == ({"lin", "bo", "chen"}, before)
        assert service.slack.user("bo").say(None, "sick").ok
        look(service)
        reach(service, "lin", "chen")
        look(service, at(18, 1))
        reach(service, "chen")


def test_at_night_the_group_is_switched_off_and_in_the_morning_on_again(tmp_path: Path) -> None:
    shifts = [*SHIFTS, ("bo", at(9, day=WED), at(18, day=WED))]
    with team(tmp_path, start=at(21), shifts=shifts) as service:
        look(service)
        reach(service, "chen")
        look(service, at(22, 1))
        service.wait(lambda: group(service).disabled_at, "the group is off")
        # Nobody who went home is called at three in the morning.
        look(service, at(3, day=WED))
        service.settle()
        assert members(service) == set()
        assert updates(service, "usergroups.disable") == 1
        look(service, at(9, 1, day=WED))
        reach(service, "bo")


def test_a_swap_changes_who_is_called(tmp_path: Path) -> None:
    with team(tmp_path, shifts=SWAPPABLE) as service:
        needed(service, {(at(8, day=THU), at(12, day=THU)): 1})
        offer = said(service, "bo", "swap thu")
        place = next(k for k in offer.buttons() if k.startswith("swap.ask"))
        assert service.slack.user("bo").press(offer, place).ok
        card = got(service, "chen", "想和您换班")
        assert "已完成" in service.slack.user("chen").press(card, "request.yes").answer().text
        look(service, at(9, day=THU))
        reach(service, "chen")
        look(service, at(14, day=THU))
        reach(service, "bo", "chen")


def test_two_teams_in_one_group_and_one_group_by_skill(tmp_path: Path) -> None:
    """`harbour-billing-now` is for those who can do billing, whatever they work on."""
    groups = (OnShiftGroup(group=NOW), OnShiftGroup(group="harbour-billing-now", skill="billing"))
    with team(tmp_path, groups=groups, quay=True) as service:
        service.slack.workspace.add_usergroup("harbour-billing-now", members=["ada"])
        with service.store.unit() as uow:
            for name, fields in (("chen", {"team": QUAY}), ("bo", {"skills": {"chat": 1.0, "billing": 1.0}})):
                found = uow.people.get(AgentId(name))
                assert found is not None
                uow.people.upsert(replace(found, **fields))
            uow.commit()
        look(service, at(13, 1))
        reach(service, "lin", "bo", "chen")
        reach(service, "bo", handle="harbour-billing-now")
        # Slack has the members a moment before Muster has noted that it told them.
        says(service, "who", "To reach them, write @harbour-now.")
        says(service, "who billing", "@harbour-billing-now")
        look(service, at(18, 1))
        reach(service, "chen")
        reach(service, handle="harbour-billing-now")
        # Nobody is in it: it is not offered.
        service.wait(
            lambda: "billing-now" not in service.slack.render(said(service, "bo", "who billing"), "bo"),
            "the empty group is not offered",
        )


def test_without_the_scope_the_admin_is_told_once_and_nothing_else_is_lost(tmp_path: Path) -> None:
    without = ALL - {"usergroups:write"}
    with team(tmp_path, granted=without, topic=FLOOR) as service:
        look(service)
        told = service.wait(lambda: notices(service, "@harbour-now is not kept current"), "the notice")[0]
        text = service.slack.render(told, "ada")
        assert "muster slack manifest" in text
        assert "missing_scope" in text
        assert members(service) == {"ada"}
        # The topic and the alerts go their way.
        service.wait(lambda: "On shift: 2 · lead: Lin" in topic(service), "the topic")
        service.opened("GD1", at(9, 58))
        service.forward_to(at(10, 9))
        service.wait(lambda: service.posts(), "the alert")
        tries = updates(service)
        look(service, at(10, 50))
        service.settle()
        assert updates(service) == tries
        look(service, at(11, 2))
        service.wait(lambda: updates(service) == tries + 1, "it is tried again after an hour")
        service.settle()
        assert len(notices(service, "@harbour-now")) == 1
        service.slack.workspace.app.scopes.add("usergroups:write")
        look(service, at(12, 5))
        reach(service, "lin", "bo")
        service.slack.workspace.refusals.clear()


def test_a_workspace_that_lets_only_some_change_groups_is_named_as_the_reason(tmp_path: Path) -> None:
    with team(tmp_path) as service:
        service.slack.workspace.everybody_changes_usergroups = False
        look(service)
        told = service.wait(lambda: notices(service, "lets only some people change"), "the notice")[0]
        assert "Permissions > User groups" in service.slack.render(told, "ada")
        assert members(service) == {"ada"}
        service.slack.workspace.refusals.clear()


def test_a_guest_and_somebody_who_left_do_not_keep_the_others_out(tmp_path: Path) -> None:
    with team(tmp_path) as service:
        look(service)
        reach(service, "lin", "bo")
        service.slack.workspace.deactivate("bo")
        service.slack.workspace.user("lin").guest = True
        look(service, at(13, 1))
        reach(service, "chen")
        assert not group(service).disabled_at
        refused = {r.error for r in service.slack.workspace.refusals}
        assert refused <= {"invalid_user", "invalid_users"}
        service.slack.workspace.refusals.clear()
        # Known by now, they are not asked about with every change.
        look(service, at(13, 30))
        look(service, at(18, 1))
        service.settle()
        assert members(service) == {"chen"}


def test_two_replicas_tell_slack_once(tmp_path: Path) -> None:
    with team(tmp_path, topic=FLOOR) as service:
        look(service)
        reach(service, "lin", "bo")
        service.wait(lambda: "On shift: 2" in topic(service), "the topic")
        with service.replica() as other:
            service.settle()
            assert (updates(service), updates(service, "conversations.setTopic")) == (1, 1)
            service.clock.forward_to(at(13, 1))
            for one in (service.application, other.application):
                one.runner.wake("on_shift", "deliver")
            reach(service, "lin", "bo", "chen")
            service.wait(lambda: "On shift: 3" in topic(service), "the topic")
            service.settle()
        assert (updates(service), updates(service, "conversations.setTopic")) == (2, 2)


def test_the_topic_keeps_what_people_wrote_and_names_the_next_shift_at_night(tmp_path: Path) -> None:
    shifts = [*SHIFTS, ("bo", at(9, day=WED), at(18, day=WED))]
    with team(tmp_path, shifts=shifts, topic=FLOOR) as service:
        service.slack.workspace.channel(FLOOR).topic = "Wiki & numbers < 5 min"
        look(service)
        said_first = "Wiki & numbers < 5 min | ▸ On shift: 2 · lead: Lin"
        service.wait(lambda: topic(service) == said_first, "the topic")
        # Somebody writes it anew: the line follows with the next change.
        service.slack.workspace.channel(FLOOR).topic = "Sale from Friday | ▸ On shift: lots"
        look(service, at(13, 1))
        service.wait(
            lambda: topic(service) == "Sale from Friday | ▸ On shift: 3 · lead: Lin", "the topic at one"
        )
        look(service, at(18, 1))
        service.wait(lambda: topic(service) == "Sale from Friday | ▸ On shift: 1", "the topic in the evening")
        look(service, at(22, 1))
        night = "Sale from Friday | ▸ Nobody on the roster now · next: Wed 25 Nov, 09:00"
        service.wait(lambda: topic(service) == night, "the topic at night")
        topics = len(service.slack.workspace.channel(FLOOR).topics)
        look(service, at(3, day=WED))
        service.settle()
        assert len(service.slack.workspace.channel(FLOOR).topics) == topics
