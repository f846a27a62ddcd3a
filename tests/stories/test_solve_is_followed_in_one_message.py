"""P4: a planner asks for a solve, follows it in one message, stops it, and reads what came of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from bot.core.ids import RunId
from bot.core.messages import Recipient, RecipientKind
from bot.core.runs import RunState
from bot.usecases import plan_roster, run_posts, solve_cards
from tests.bot.usecases.planning import WEEK
from tests.stories.planning import answer, last, patiently, planning, read
from tests.stories.service import Service


def test_progress_is_edited_in_place_and_cancel_keeps_the_best(tmp_path: Path) -> None:
    with planning(tmp_path, timedelta(minutes=10)) as service:
        state = answer(service, "ada", "")
        assert "2026-W48 (Mon 23 Nov to Sun 29 Nov)" in state
        assert "forecast Sun 22 Nov to Sun" in state
        assert "Draft: none" in state
        assert "Next: /roster solve 2026-W48" in state
        asked = answer(service, "ada", "solve")
        assert "Solving 2026-W48" in asked
        card = last(service, "ada")
        patiently(service, lambda: "Objective" in read(service, "ada", card), "the figures of a first roster")
        text = read(service, "ada", card)
        assert "being solved" in text
        assert "of at most 10 min" in text
        assert "gap" in text
        assert "[Cancel]" in text

        # The second planner is told who solves, in Chinese, and nothing else is begun.
        second = service.slack.user("chen").command("/roster", "求解 2026-W48")
        told = service.slack.render(second.answer(), "chen")
        assert "已在求解" in told
        assert "@ada" in told
        assert "[取消]" in told
        assert service.direct("chen") == []
        # An agent neither sees nor stops it.
        assert "planner" in answer(service, "bo", "solve")
        assert service.slack.user("bo").command("/shift").answer()

        outcome = service.slack.user("ada").press(card, "Cancel")
        assert "best roster so far is kept" in service.slack.render(outcome.answer(), "ada")
        patiently(service, lambda: "written as a draft" in read(service, "ada", card), "the end")
        ended = read(service, "ada", card)
        assert "stopped, the best so far" in ended
        assert "Checker: 0 broken rules" in ended
        assert "shifts," in ended
        assert "Cancel" not in ended
        assert len(service.direct("ada")) == 1, "one message, edited in place"
        # A press on what the screen still showed explains itself.
        late = service.slack.user("ada").press(card, "Cancel", seen=0)
        assert "over already" in service.slack.render(late.answer(), "ada")
        with service.store.read() as uow:
            held = uow.runs.latest(plan_roster.KIND)
        assert [r.state for r in held] == [RunState.DONE]
        assert "certify the draft" in answer(service, "ada", "")
        # Nobody else heard of it: a draft is no promise.
        assert service.posts() == []


def test_gaps_come_with_what_keeps_them_open(tmp_path: Path) -> None:
    with planning(tmp_path, timedelta(seconds=4)) as service:
        with service.store.unit() as uow:
            for person in uow.people.all():
                if person.agent != "flo":
                    uow.people.upsert(replace(person, active=False))
            uow.commit()
        answer(service, "ada", f"solve {WEEK.isoformat()}")
        card = last(service, "ada")
        patiently(service, lambda: "written as a draft" in read(service, "ada", card), "the end")
        text = read(service, "ada", card)
        assert "short of people" in text
        assert "missing on phone" in text
        assert "1 person with the skill" in text
        assert "and 24 more" in text


def test_what_cannot_begin_says_what_comes_first(tmp_path: Path) -> None:
    with planning(tmp_path, prepared=False) as service:
        assert "First the past contacts: muster import contacts FILE" in answer(service, "ada", "")
        assert "没有覆盖" in answer(service, "chen", "solve")
        assert "is no week" in answer(service, "ada", "solve 2026-W99")
        assert "did you mean" in answer(service, "ada", "sovle").casefold()
        assert service.direct("ada") == []


def test_a_solve_whose_process_died_begins_again_and_its_message_ends(tmp_path: Path) -> None:
    with planning(tmp_path, timedelta(seconds=4)) as service:
        ada = Recipient(kind=RecipientKind.EMAIL, name="ada@harbour.example")
        now = service.clock()
        with service.store.unit() as uow:
            run = uow.runs.add(
                plan_roster.KIND,
                {
                    "first": WEEK.isoformat(),
                    "days": 7,
                    "zone": service.settings.zone,
                    **run_posts.parameters(ada, limit=4.0),
                },
                by="ada",
                now=now,
            )
            # As a process leaves it that was killed: running, and nobody prolongs the lease.
            uow.runs.claim(run, now=now, lease_until=now + timedelta(minutes=2))
            solve_cards.stands(uow, run, now=now)
            uow.commit()
        service.application.runner.wake("deliver")
        card = last(service, "ada")
        assert "being solved" in read(service, "ada", card)
        assert "is being solved already" in answer(service, "ada", "solve")
        service.forward_to(now + timedelta(minutes=3))
        service.application.runner.wake("runs")
        patiently(service, lambda: "written as a draft" in read(service, "ada", card), "the end")
        assert run_state(service, run) is RunState.DONE
        assert len(service.direct("ada")) == 1


def run_state(service: Service, run: RunId) -> RunState:
    with service.store.read() as uow:
        found = uow.runs.get(run)
    assert found is not None
    return found.state
