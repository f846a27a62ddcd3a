"""SR10, KS12, P10: every broken promise gets a cause, where it is seen, and the few that matter are named."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from bot.core.ids import ContactRef
from bot.core.requirements import RequirementInterval
from bot.playground import Message
from tests.stories.service import DAY, Service, Setting, event, running
from tests.support.builders import CHAT, at

TOMORROW = DAY + timedelta(days=1)
SHIFTS = [("bo", at(9), at(18)), ("lin", at(9), at(18))]


def typed(service: Service, who: str, words: str) -> str:
    return service.slack.render(service.slack.user(who).command("/muster", words).answer(), who)


def missed(service: Service, *refs: str) -> None:
    """Chats of bo's, due 09:30, answered five minutes late."""
    for ref in refs:
        service.opened(ref, at(9, 20), agent="bo")
        service.tell(
            event(ref, "responded", at(9, 35), agent="bo"), event(ref, "resolved", at(9, 50), agent="bo")
        )


def cause_of(service: Service, ref: str) -> str | None:
    with service.store.read() as uow:
        (miss,) = uow.misses.of_case(ContactRef(ref), service.clock())
    return None if miss.named is None else miss.named.cause


def evening_card(service: Service) -> Message:
    service.clock.forward_to(at(21, 45))
    service.application.runner.run_now("daily", "deliver")
    cards = service.wait(lambda: [m for m in service.direct("lin") if "Evening of" in m.text], "the card")
    return cards[0]


def test_in_the_evening_the_lead_names_what_has_no_cause_and_reads_how_they_stand(tmp_path: Path) -> None:
    with running(tmp_path, Setting(start=at(10), shifts=SHIFTS)) as service:
        missed(service, "GD1", "GD2")
        said = typed(service, "bo", 'cause GD1 流程 "no rule for returns"')
        assert "GD1, first response: the cause is process." in said
        card = evening_card(service)
        text = service.slack.render(card, "lin")
        assert "1 miss without a cause" in text
        assert "GD2 · first response, was due 09:30 · chat · @bo" in text
        answer = service.slack.user("lin").choose(card, "cause.choose", "system:GD2").answer()
        assert "GD2, first response: the cause is system." in answer.text
        assert (cause_of(service, "GD1"), cause_of(service, "GD2")) == ("process", "system")
        assert "Every promise broken in the last seven days has a cause." in typed(service, "lin", "cause")
        stands = typed(service, "lin", "cause GD1")
        assert "first response: process, says @bo" in stands


def test_the_next_digest_counts_them_and_opens_the_list_for_whoever_presses(tmp_path: Path) -> None:
    with running(tmp_path, Setting(start=at(10), shifts=SHIFTS)) as service:
        missed(service, "GD1", "GD2", "GD3")
        service.forward_to(at(9, 21, day=TOMORROW))
        digest = service.wait(lambda: service.posts("harbour-standup")[1:], "the next digest")[0]
        assert "3 misses without a cause" in service.slack.render(digest, "lin")
        listed = service.slack.user("lin").press(digest, "Name causes").answer()
        assert "GD3" in service.slack.render(listed, "lin")
        (block,) = [b["block_id"] for b in listed.blocks if "GD3" in str(b.get("accessory"))]
        answer = (
            service.slack.user("lin").choose(listed, "cause.choose", "training:GD3", block_id=block).answer()
        )
        assert "GD3, first response: the cause is training." in answer.text
        assert "2 misses without a cause" in typed(service, "lin", "cause")


def test_where_people_were_missing_muster_proposes_staffing_and_one_press_takes_it(tmp_path: Path) -> None:
    with running(tmp_path, Setting(start=at(10), shifts=SHIFTS[:1])) as service:
        quarters = [at(9) + timedelta(minutes=15 * n) for n in range(4)]
        rows = [
            RequirementInterval(
                queue=CHAT, start=start, interval=timedelta(minutes=15), base_agents=3, scheduled_agents=3,
            )
            for start in quarters
        ]  # fmt: skip
        with service.store.unit() as uow:
            uow.requirements.replace(CHAT, at(9), at(10), rows, made_at=at(8), forecast=None)
            uow.commit()
        missed(service, "GD1")
        listed = service.slack.user("lin").command("/muster", "cause").answer()
        said = service.slack.render(listed, "lin")
        assert "Muster proposes staffing: 2 people were missing then." in said
        assert cause_of(service, "GD1") is None, "a proposal counts nowhere"
        answer = service.slack.user("lin").press(listed, "Take the proposal").answer()
        assert "1 miss has the cause staffing now." in answer.text
        assert cause_of(service, "GD1") == "staffing"


def test_the_card_of_a_breach_asks_once_somebody_has_the_case(tmp_path: Path) -> None:
    with running(tmp_path, Setting(start=at(10), shifts=SHIFTS)) as service:
        service.opened("GD1", at(9, 55), agent="bo")
        service.forward_to(at(10, 6))
        (card,) = service.wait(service.posts, "the alert")
        assert "Why?" not in service.slack.render(card, "lin")
        service.slack.user("lin").press(card, "Acknowledge")
        service.wait(lambda: "Why?" in service.slack.render(service.posts()[0], "lin"), "the menu")
        answer = service.slack.user("lin").choose(service.posts()[0], "cause.choose", "staffing:GD1").answer()
        assert "the cause is staffing" in answer.text
        assert cause_of(service, "GD1") == "staffing"


def test_what_cannot_be_is_said_and_nothing_is_named(tmp_path: Path) -> None:
    with running(tmp_path, Setting(start=at(10), shifts=SHIFTS)) as service:
        missed(service, "GD1")
        service.opened("GD2", at(9, 20), agent="chen")
        service.opened("GD3", at(9, 58), agent="bo")
        for who, words, said in (
            ("bo", "cause GD2 process", "Only leads may do that"),
            ("lin", "cause GD1 proces", "Did you mean process?"),
            ("lin", "cause GD9 process", "No case GD9 is known"),
            ("lin", "cause GD3 process", "No promise on GD3 is broken; nothing was changed."),
            ("lin", "cause GD1 process call 13812345678", "looks like a phone number"),
            ("lin", "cause GD1 process " + "x" * 141, "141 characters, at most 140"),
        ):
            assert said in typed(service, who, words)
        assert cause_of(service, "GD1") is None
