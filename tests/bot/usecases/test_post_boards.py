"""MA3: one post shows a team's board; it is edited when a figure changed, and never becomes two."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.board_messages import BoardPost
from bot.core.contacts import EventKind, Priority
from bot.core.messages import DeliveryState, OperatorNotice
from bot.core.people import Role
from bot.core.ports import DeliveryError
from bot.core.settings import Settings
from bot.store.unit_of_work import Store
from bot.usecases import post_boards, prune
from tests.bot.usecases.harbour import Harbour
from tests.support.builders import EMAIL, PHONE, TEAM, agent, at, event, settings
from tests.support.fake_ports import Post

FLOOR = "#harbour-floor"
MINUTE = timedelta(minutes=1)


def with_board(channel: str = "harbour-floor") -> Settings:
    plain = settings(warn_at=())
    team = plain.teams[TEAM]
    channels = {**team.channels, "board": channel}
    return replace(plain, teams={TEAM: replace(team, channels=channels, board_every=MINUTE)})


@pytest.fixture
def harbour(store: Store) -> Harbour:
    return Harbour(store, with_board())


def look(harbour: Harbour, seconds: float = 60) -> int:
    """The next look, and what it wrote delivered."""
    harbour.clock.forward(seconds=seconds)
    written = post_boards.tick(harbour.store, harbour.settings, now=harbour.clock())
    harbour.drain(3)
    return written


def boards(harbour: Harbour, place: str = FLOOR) -> list[Post]:
    return [p for p in harbour.slack.posts if p.place == place and isinstance(p.message, BoardPost)]


def pending(post: Post) -> int:
    assert isinstance(post.now, BoardPost)
    return sum(q.pending for q in post.now.queues)


def test_a_figure_that_changed_edits_the_one_post(harbour: Harbour) -> None:
    assert look(harbour) == 1
    (post,) = boards(harbour)
    assert (pending(post), post.edits) == (0, [])
    assert post.destination.zone == "Asia/Shanghai"
    assert post.destination.locale == "zh-Hans"
    harbour.open()
    assert look(harbour) == 1
    (post,) = boards(harbour)
    assert (pending(post), len(post.edits)) == (1, 1)


def test_the_clock_alone_edits_nothing(harbour: Harbour) -> None:
    harbour.open(queue=EMAIL, priority=Priority.LOW)
    look(harbour)
    harbour.lead_on_shift()
    look(harbour)
    edits = len(boards(harbour)[0].edits)
    # Half an hour in which nothing comes, nothing falls due and nobody's shift ends.
    for _ in range(20):
        assert look(harbour, 87) == 0
    assert len(boards(harbour)[0].edits) == edits


def test_it_is_looked_at_no_more_often_than_asked(harbour: Harbour) -> None:
    look(harbour)
    harbour.open()
    assert look(harbour, 50) == 0
    assert look(harbour, 7) == 1
    assert harbour.clock() - at(10) < timedelta(minutes=3)


def test_a_team_without_a_board_posts_none(store: Store) -> None:
    harbour = Harbour(store)
    assert look(harbour) == 0
    assert harbour.slack.posts == []


def test_what_nobody_has_begun_to_send_is_rewritten_and_edits_are_superseded(harbour: Harbour) -> None:
    def tick() -> int:
        harbour.clock.forward(seconds=60)
        return post_boards.tick(harbour.store, harbour.settings, now=harbour.clock())

    assert tick() == 1
    harbour.open()
    assert tick() == 1
    harbour.drain(2)
    (post,) = boards(harbour)
    assert (pending(post), post.edits) == (1, [])
    for number in range(2, 5):
        harbour.open(ref=f"GD2026112400{number}")
        assert tick() == 1
    harbour.drain(5)
    (post,) = boards(harbour)
    assert (pending(post), len(post.edits)) == (4, 1)


def test_old_edits_are_forgotten_and_the_rest_outlives_the_retention(harbour: Harbour) -> None:
    look(harbour)
    for number in range(1, 8):
        harbour.open(ref=f"GD2026112400{number}")
        look(harbour)
    with harbour.store.read() as uow:
        kept = [n for n in range(8) if uow.outbox.by_key(f"board:harbour:1:edit:{n}") is not None]
    assert kept == [6, 7]
    harbour.clock.forward(days=400)
    prune.tick(harbour.store, harbour.settings, now=harbour.clock())
    harbour.tell(event(EventKind.OPENED, harbour.clock(), "GD20280101001"))
    look(harbour)
    (post,) = boards(harbour)
    assert len(post.edits) == 8


def test_a_post_somebody_deleted_is_made_again_and_nobody_is_bothered(harbour: Harbour) -> None:
    look(harbour)
    harbour.open()
    harbour.slack.fail(DeliveryError("message_not_found", temporary=False))
    look(harbour)
    assert len(boards(harbour)) == 1
    assert look(harbour) == 1
    first, second = boards(harbour)
    assert (pending(first), pending(second)) == (0, 1)
    harbour.open(ref="GD20261124002")
    look(harbour)
    assert [pending(p) for p in boards(harbour)] == [0, 2]
    assert [p for p in harbour.slack.posts if isinstance(p.message, OperatorNotice)] == []


def test_a_channel_it_may_not_post_to_is_told_to_operators_and_tried_again_in_an_hour(
    harbour: Harbour,
) -> None:
    harbour.people(agent("ada", role=Role.ADMIN, slack_user="UADA"))
    harbour.slack.refused[FLOOR] = "not_in_channel"
    look(harbour)
    notices = [p.message for p in harbour.slack.posts if isinstance(p.message, OperatorNotice)]
    assert [(n.code, n.subject) for n in notices] == [("not_in_channel", FLOOR)]
    harbour.open()
    tries = sum(look(harbour) for _ in range(50))
    assert tries == 0
    harbour.slack.refused.clear()
    assert sum(look(harbour) for _ in range(12)) == 1
    assert [pending(p) for p in boards(harbour)] == [1]


def test_a_channel_it_was_thrown_out_of_is_told_to_operators_once_a_day(harbour: Harbour) -> None:
    harbour.people(agent("ada", role=Role.ADMIN, slack_user="UADA"))
    look(harbour)
    harbour.slack.refused[FLOOR] = "not_in_channel"
    for number in range(1, 4):
        harbour.open(ref=f"GD2026112400{number}")
        look(harbour)
    notices = [p.message for p in harbour.slack.posts if isinstance(p.message, OperatorNotice)]
    assert [(n.code, n.subject) for n in notices] == [("not_in_channel", FLOOR)]
    harbour.slack.refused.clear()
    harbour.open(ref="GD20261124009")
    look(harbour)
    assert [pending(p) for p in boards(harbour)] == [4]


def test_a_channel_that_was_changed_gets_a_post_of_its_own_at_once(harbour: Harbour) -> None:
    look(harbour)
    harbour.settings = with_board("harbour-wall")
    assert look(harbour) == 1
    assert len(boards(harbour, "#harbour-wall")) == 1
    harbour.open()
    look(harbour)
    assert [pending(p) for p in boards(harbour)] == [0]
    assert [pending(p) for p in boards(harbour, "#harbour-wall")] == [1]


def test_replicas_make_one_post_and_one_edit(harbour: Harbour) -> None:
    def together() -> int:
        now = harbour.clock.forward(seconds=60)
        written: list[int] = []
        threads = [
            threading.Thread(
                target=lambda: written.append(post_boards.tick(harbour.store, harbour.settings, now=now))
            )
            for _ in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert len(written) == 4
        return sum(written)

    assert together() == 1
    harbour.drain(3)
    harbour.open()
    assert together() == 1
    harbour.drain(3)
    (post,) = boards(harbour)
    assert (pending(post), len(post.edits)) == (1, 1)


def test_it_says_who_is_on_and_what_is_missing_in_numbers_only(harbour: Harbour) -> None:
    harbour.lead_on_shift("lin")
    harbour.require([3] * 8, at(11))
    harbour.tell(event(EventKind.OPENED, at(9), "GD1", queue=PHONE))
    harbour.tell(event(EventKind.RESPONDED, at(9, 30), "GD1", agent="lin"))
    look(harbour)
    (post,) = boards(harbour)
    said = post.now
    assert isinstance(said, BoardPost)
    assert (said.working, said.pausing) == (1, 0)
    assert [(g.queue, g.peak, g.worst_missing, g.worst_at) for g in said.gaps] == [("chat", 3, 2, at(11))]
    phone = next(q for q in said.queues if q.queue == PHONE)
    assert (phone.pending, phone.in_resolution, phone.oldest_since, phone.median_since) == (
        1,
        1,
        at(9),
        at(9),
    )
    assert said.data_until == at(9, 30)
    assert "lin" not in repr(said)
    assert "GD1" not in repr(said)
    with harbour.store.read() as uow:
        row = uow.outbox.by_key("board:harbour:1")
    assert row is not None
    assert row.state is DeliveryState.SENT
    assert row.outgoing.message == said
