"""U13: who tells Slack who is on shift, when, and what happens where it is not taken; on both databases."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest

from bot.core.messages import OperatorNotice
from bot.core.on_shift_places import GROUP_GIVES_ROLES, OnShiftGroup, TopicLine
from bot.core.people import Role
from bot.core.ports import DeliveryError
from bot.core.settings import Settings
from bot.store.unit_of_work import Store
from bot.usecases import follow_on_shift
from tests.bot.usecases.harbour import Harbour
from tests.support.builders import TEAM, agent, at, settings

NOW, FLOOR = "harbour-now", "harbour-floor"
KEY = f"group:{NOW}"


@dataclass
class FakeSigns:
    """What Slack was told, in order; ``faults`` are raised by the next calls; ``guests`` are not admitted."""

    groups: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    lines: list[TopicLine] = field(default_factory=list)
    faults: list[Exception] = field(default_factory=list)
    guests: frozenset[str] = frozenset()

    def set_group(self, group: str, users: Sequence[str]) -> Sequence[str]:
        self._fail()
        self.groups.append((group, tuple(users)))
        return [user for user in users if user in self.guests]

    def set_topic(self, channel: str, line: TopicLine) -> None:
        assert channel == FLOOR
        self._fail()
        self.lines.append(line)

    def _fail(self) -> None:
        if self.faults:
            raise self.faults.pop(0)


def following(*, group: bool = True, topic: bool = False) -> Settings:
    plain = settings(warn_at=())
    groups = (OnShiftGroup(group=NOW),) if group else ()
    held = replace(plain.teams[TEAM], on_shift_groups=groups, on_shift_topic=FLOOR if topic else None)
    return replace(plain, teams={TEAM: held})


@pytest.fixture
def signs() -> FakeSigns:
    return FakeSigns()


@pytest.fixture
def harbour(store: Store) -> Harbour:
    harbour = Harbour(store, following())
    harbour.people(*(agent(name, slack_user=f"U{name.upper()}") for name in ("bo", "chen")))
    return harbour


def look(harbour: Harbour, signs: FakeSigns, instant: datetime | None = None, **by: float) -> int:
    if instant is not None:
        harbour.clock.now = instant
    harbour.clock.forward(**by)
    return follow_on_shift.tick(harbour.store, harbour.settings, signs, now=harbour.clock)


def notices(harbour: Harbour) -> list[tuple[str, str, str]]:
    harbour.drain(3)
    said = [p.message for p in harbour.slack.posts]
    return [(n.code, n.subject, n.detail) for n in said if isinstance(n, OperatorNotice)]


def test_only_what_changed_is_told(harbour: Harbour, signs: FakeSigns) -> None:
    harbour.publish({"bo": (at(9), at(18)), "chen": (at(13), at(22))})
    assert look(harbour, signs) == 1
    assert look(harbour, signs, at(12, 59)) == 0
    assert look(harbour, signs, at(13)) == 1
    assert look(harbour, signs, at(18)) == 1
    assert look(harbour, signs, at(22)) == 1
    assert [users for _, users in signs.groups] == [("UBO",), ("UBO", "UCHEN"), ("UCHEN",), ()]


def test_a_group_nobody_told_anything_stays_as_it_is_until_a_roster_is_published(
    harbour: Harbour, signs: FakeSigns
) -> None:
    assert look(harbour, signs) == 0
    harbour.publish({"bo": (at(9), at(18))})
    assert look(harbour, signs) == 1
    # Past the end of the roster nobody is known to be there: nobody is called.
    harbour.clock.now = at(10) + timedelta(days=20)
    assert look(harbour, signs) == 1
    assert [users for _, users in signs.groups] == [("UBO",), ()]


def test_before_anybody_is_linked_nobody_is_taken_out(store: Store, signs: FakeSigns) -> None:
    harbour = Harbour(store, following())
    harbour.people(agent("bo"), agent("chen"))
    harbour.publish({"bo": (at(9), at(18))})
    assert look(harbour, signs) == 0
    harbour.people(agent("chen", slack_user="UCHEN"))
    # Linked are others: of those on shift nobody can be in the group.
    assert look(harbour, signs) == 1
    assert signs.groups == [(NOW, ())]


def test_what_slack_refuses_is_told_to_admins_once_and_tried_every_hour(
    harbour: Harbour, signs: FakeSigns
) -> None:
    harbour.people(agent("ada", role=Role.ADMIN, slack_user="UADA"))
    harbour.publish({"bo": (at(9), at(18)), "chen": (at(10, 30), at(22))})
    refused = DeliveryError("missing_scope", temporary=True, retry_after=timedelta(seconds=60))
    signs.faults = [refused] * 3
    assert look(harbour, signs) == 1
    assert notices(harbour) == [("on_shift_scope", "@harbour-now", "missing_scope")]
    # Somebody comes meanwhile: still not before the hour is over.
    assert look(harbour, signs, at(10, 59)) == 0
    assert look(harbour, signs, at(11, 1)) == 1
    assert look(harbour, signs, at(12, 5)) == 1
    assert len(notices(harbour)) == 1
    assert look(harbour, signs, at(13, 10)) == 1
    assert signs.groups == [(NOW, ("UBO", "UCHEN"))]
    with harbour.store.read() as uow:
        held = uow.on_shift_places.get(KEY)
    assert held is not None
    assert (held.error, held.again_at, held.claimed_until) == (None, None, None)


@pytest.mark.parametrize(
    ("code", "notice"),
    [
        ("permission_denied", "on_shift_denied"),
        ("plan_upgrade_required", "on_shift_plan"),
        ("no_such_subteam", "on_shift_no_group"),
        (GROUP_GIVES_ROLES, "on_shift_gives_roles"),
        ("something_new", "on_shift_refused"),
    ],
)
def test_each_reason_has_its_words(harbour: Harbour, signs: FakeSigns, code: str, notice: str) -> None:
    harbour.people(agent("ada", role=Role.ADMIN, slack_user="UADA"))
    harbour.publish({"bo": (at(9), at(18))})
    signs.faults = [DeliveryError(code, temporary=False)]
    look(harbour, signs)
    assert notices(harbour) == [(notice, "@harbour-now", code)]


def test_an_outage_is_waited_out_and_nobody_is_bothered(harbour: Harbour, signs: FakeSigns) -> None:
    harbour.people(agent("ada", role=Role.ADMIN, slack_user="UADA"))
    harbour.publish({"bo": (at(9), at(18))})
    signs.faults = [
        DeliveryError("rate_limited", temporary=True, retry_after=timedelta(seconds=90)),
        DeliveryError("no_answer", temporary=True, uncertain=True),
    ]
    assert look(harbour, signs) == 1
    assert look(harbour, signs, seconds=80) == 0
    assert look(harbour, signs, seconds=15) == 1
    assert look(harbour, signs, seconds=35) == 1
    assert signs.groups == [(NOW, ("UBO",))]
    assert notices(harbour) == []


def test_one_place_that_fails_does_not_hold_up_the_others(store: Store, signs: FakeSigns) -> None:
    harbour = Harbour(store, following(topic=True))
    harbour.lead_on_shift("lin")
    signs.faults = [RuntimeError("a bug")]
    assert look(harbour, signs) == 2
    assert [(line.on_shift, line.leads) for line in signs.lines] == [(1, ("Lin",))]


def test_replicas_tell_slack_once_between_them(harbour: Harbour, signs: FakeSigns) -> None:
    harbour.publish({"bo": (at(9), at(18))})
    told: list[int] = []
    threads = [threading.Thread(target=lambda: told.append(look(harbour, signs))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert (sum(told), len(told)) == (1, 4)
    assert signs.groups == [(NOW, ("UBO",))]


def test_what_somebody_claimed_and_never_told_is_told_after_the_lease(
    harbour: Harbour, signs: FakeSigns
) -> None:
    harbour.publish({"bo": (at(9), at(18))})
    with harbour.store.unit() as uow:
        held = uow.on_shift_places.lock(KEY)
        uow.on_shift_places.save(replace(held, claimed_until=harbour.clock() + timedelta(seconds=60)))
        uow.commit()
    assert look(harbour, signs, seconds=50) == 0
    assert look(harbour, signs, seconds=15) == 1


def test_a_topic_waits_with_numbers_and_not_with_leads(store: Store, signs: FakeSigns) -> None:
    """Slack says each new topic in the channel."""
    harbour = Harbour(store, following(group=False, topic=True))
    harbour.people(
        agent("lin", role=Role.LEAD),
        *(agent(name, slack_user=name.upper()) for name in ("bo", "chen", "dee")),
    )
    harbour.publish(
        {
            "bo": (at(9), at(18)),
            "chen": (at(10, 5), at(18)),
            "dee": (at(10, 10), at(18)),
            "lin": (at(10, 20), at(17)),
        }
    )
    seen = []
    while harbour.clock() < at(10, 30):
        look(harbour, signs, seconds=15)
        if len(signs.lines) > len(seen):
            seen.append((f"{harbour.clock():%H:%M:%S}", signs.lines[-1].on_shift, signs.lines[-1].leads))
    zero = at(10)
    assert seen == [
        (f"{zero + timedelta(seconds=15):%H:%M:%S}", 1, ()),
        (f"{zero + timedelta(minutes=15, seconds=15):%H:%M:%S}", 3, ()),
        (f"{zero + timedelta(minutes=20):%H:%M:%S}", 4, ("Lin",)),
    ]


def test_whom_slack_does_not_admit_is_counted_and_not_told_again(harbour: Harbour, signs: FakeSigns) -> None:
    harbour.publish({"bo": (at(9), at(18)), "chen": (at(9), at(18))})
    signs.guests = frozenset({"UCHEN"})
    assert look(harbour, signs) == 1
    assert look(harbour, signs, minutes=5) == 0
    with harbour.store.read() as uow:
        held = uow.on_shift_places.get(KEY)
    assert held is not None
    assert held.left_out == 1


def test_leaving_slack_forgets_what_was_told(harbour: Harbour, signs: FakeSigns) -> None:
    harbour.publish({"bo": (at(9), at(18))})
    look(harbour, signs)
    with harbour.store.unit() as uow:
        assert uow.slack_ids.forget()["on_shift_places"] == 1
        uow.commit()
    with harbour.store.read() as uow:
        assert uow.on_shift_places.get(KEY) is None
