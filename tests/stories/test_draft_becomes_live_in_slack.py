"""P5 to P7 from Slack: a draft is certified, compared and published; who was not told is named."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from bot.core.rosters import RosterStatus
from bot.usecases import publish_roster
from scheduler.roster.roster import Roster
from tests.bot.usecases.planning import WEEK
from tests.stories.planning import answer, drafted, last, patiently, planning, read
from tests.stories.service import Service
from tests.support.builders import SHANGHAI


def status(service: Service, roster: int) -> RosterStatus:
    with service.store.read() as uow:
        found = uow.rosters.latest(None, WEEK)
    assert found is not None
    assert found.roster_id == roster
    return found.status


def test_from_certificate_to_everybodys_own_week(tmp_path: Path) -> None:
    with planning(tmp_path) as service:
        roster = drafted(service)
        assert "certify the draft" in answer(service, "ada", "")
        assert "Certifying roster 1" in answer(service, "ada", "certify")
        card = last(service, "ada")
        patiently(service, lambda: "holds" in read(service, "ada", card), "the certificate")
        text = read(service, "ada", card)
        assert "Roster 1 of 2026-W48" in text
        assert "service level" in text
        assert "Played 8 times" in text
        assert "Next: compare the draft, and publish it." in answer(service, "ada", "")

        compared = service.slack.user("ada").press(card, "Compare")
        shown = service.slack.render(compared.answer(), "ada")
        assert "would be the first of its days" in shown
        assert "paid hours" in shown
        assert "phone" in shown
        assert "Nothing was written" in shown
        assert status(service, roster) is RosterStatus.DRAFT

        pressed = service.slack.user("ada").press(card, "Publish")
        told = service.slack.render(pressed.answer(), "ada")
        assert "Roster 1 of 2026-W48" in told
        assert "is live" in told
        assert status(service, roster) is RosterStatus.PUBLISHED
        # P7: those who are not in Slack are named, with the reason and what to do.
        following = last(service, "ada", 2)
        service.wait(lambda: "not." in read(service, "ada", following), "whom it reached")
        text = read(service, "ada", following)
        assert "Ann: not linked with Slack" in text
        assert "tell them" in text
        [own] = [m for m in service.direct("bo") if "shifts" in m.text]
        assert "Mon 23 Nov" in read(service, "bo", own)
        [announced] = service.wait(service.posts, "the channel's post")
        text = read(service, "ada", announced)
        assert "Weakest: phone" in text
        assert "Ann" not in text, "nobody's own shifts in a channel"

        # Ann comes to Slack; the press tells her, and only those who were missed.
        with service.slack.workspace.lock:
            service.slack.workspace.add_user("ann", email="ann@harbour.example", locale="zh-CN", tz=SHANGHAI)
        assert service.slack.user("ada").command("/muster", "link").answer()
        again = service.slack.user("ada").press(following, "Tell them again")
        assert "again" in service.slack.render(again.answer(), "ada")
        service.wait(lambda: service.direct("ann"), "Ann's own week")
        newest = service.wait(
            lambda: [m for m in service.direct("ada") if "1 told" in read(service, "ada", m)],
            "the second list",
        )[-1]
        assert "Ann" not in read(service, "ada", newest)
        assert len([m for m in service.direct("bo") if "shifts" in m.text]) == 1
        twice = service.slack.user("ada").press(following, "Tell them again")
        assert "tried again already" in service.slack.render(twice.answer(), "ada")
        assert "published already" in answer(service, "ada", "publish 1")


def test_below_the_threshold_it_takes_a_reason_that_is_kept_and_shown(tmp_path: Path) -> None:
    with planning(tmp_path, certificate=0.85) as service:
        with service.store.unit() as uow:
            for person in uow.people.all():
                if person.agent in ("ann", "cy", "dee", "eve", "lin"):
                    uow.people.upsert(replace(person, active=False))
            uow.commit()
        drafted(service)
        first = service.slack.user("ada").command("/roster", "publish").answer()
        assert "has no certificate" in service.slack.render(first, "ada")
        assert "/roster certify" in service.slack.render(first, "ada")
        answer(service, "chen", "达标证明")
        card = last(service, "chen")
        patiently(service, lambda: "低于门槛" in read(service, "chen", card), "the certificate")
        assert "[说明理由并发布]" in read(service, "chen", card)

        refused = service.slack.user("ada").command("/roster", "publish").answer()
        text = service.slack.render(refused, "ada")
        assert "Nothing was published" in text
        assert "weakest peak" in text
        assert "--accept" not in text, "no command of the terminal"
        assert status(service, 1) is RosterStatus.DRAFT
        service.slack.user("ada").press(refused, "Publish with a reason")
        modal = service.wait(lambda: service.slack.user("ada").modal, "the modal")
        personal = service.slack.user("ada").submit(modal, {"reason": "bo is at 13800138000, ask him"})
        assert personal.ack["response_action"] == "errors"
        assert status(service, 1) is RosterStatus.DRAFT
        service.slack.user("ada").submit(modal, {"reason": "New people start on Tuesday"})
        service.wait(lambda: status(service, 1) is RosterStatus.PUBLISHED, "the publication")
        closing = service.wait(lambda: service.slack.user("ada").modal, "what was done")
        assert "is live" in service.slack.render(closing, "ada")
        assert "New people start on Tuesday" in service.slack.render(closing, "ada")
        assert "New people start on Tuesday" in answer(service, "ada", "state")
        posts = service.wait(service.posts, "the channel's post")
        assert "New people start on Tuesday" in read(service, "ada", posts[-1])
        with service.store.read() as uow:
            version = uow.rosters.latest(RosterStatus.PUBLISHED, WEEK)
            [noted] = [e for e in uow.audit.entries() if e.action == "roster.published"]
        assert version is not None
        assert version.accepted_because == "New people start on Tuesday"
        assert noted.detail["accepted_because"] == "New people start on Tuesday"


def test_a_second_draft_is_shown_against_the_live_roster(tmp_path: Path) -> None:
    with planning(tmp_path) as service:
        first = drafted(service)
        publish_roster.publish(
            service.store, service.settings, first, by="ada", accept="first", now=service.clock()
        )
        with service.store.unit() as uow:
            live = uow.rosters.get(first)
            assert live is not None
            kept = tuple(a for a in live.roster.assignments if a.agent != "bo")
            given = next(a for a in live.roster.assignments if a.agent == "bo")
            moved = replace(given, agent="ann")
            uow.rosters.save_draft(
                Roster(
                    period=live.roster.period,
                    assignments=(
                        *(a for a in kept if (a.agent, a.shift.date) != ("ann", given.shift.date)),
                        moved,
                    ),
                ),
                made_at=service.clock(),
            )
            uow.commit()
        text = answer(service, "ada", "diff")
        assert "Draft 2 against live roster 1" in text
        assert "@bo" in text
        assert "→ 0 h" in text
        assert "paid hours" in text
        assert "Less than 24 h notice" in text
        assert "[Publish]" in text
        assert "草稿 2 对比已发布的排班表 1" in answer(service, "chen", "对比 2")
        assert "There is no roster 9" in answer(service, "ada", "diff 9")
        assert status(service, 2) is RosterStatus.DRAFT
