"""L3, L4, SR3: what is overdue becomes an action with an owner, carried forward until it is done."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from bot.core.ids import TeamId
from bot.playground import Message
from tests.stories.service import DAY, Service, Setting, running
from tests.support.builders import agent, at

TOMORROW = DAY + timedelta(days=1)
DAYS = [("bo", at(9), at(18)), ("bo", at(9, day=TOMORROW), at(18, day=TOMORROW))]


def digests(service: Service) -> list[Message]:
    return [m for m in service.posts("harbour-standup") if m.text.startswith("Stand-up")]


def the_digest(service: Service) -> Message:
    """The one of this morning, with one case that nobody answered."""
    service.opened("GD1", at(8, 30))
    service.forward_to(at(9, 21))
    return service.wait(lambda: (digests(service) or [None])[-1], "the digest")


def typed(service: Service, who: str, words: str) -> str:
    return service.slack.render(service.slack.user(who).command("/muster", words).answer(), who)


def told_in(service: Service, who: str, words: str) -> list[Message]:
    return [m for m in service.direct(who) if words in m.text]


def thread(service: Service, digest: Message, count: int) -> str:
    """What stands under the digest, as the lead reads it, once there are so many answers."""

    def look() -> list[str]:
        said = [m for m in service.slack.channel(digest.channel).thread(digest.ts) if m.is_reply]
        return [service.slack.render(m, "lin") for m in said] if len(said) >= count else []

    return "\n".join(service.wait(look, f"{count} answers under the digest"))


def test_an_overdue_case_gets_an_owner_who_is_told_and_ends_it(tmp_path: Path) -> None:
    with running(tmp_path, Setting(start=at(9, 15), shifts=DAYS)) as service:
        digest = the_digest(service)
        lin = service.slack.user("lin")
        form = lin.press(digest, "Assign").modal()
        assert "Answer GD1" in service.slack.render(form, "lin")
        bo_id = service.slack.user("bo").user.id
        lin.submit(form, {"owner": bo_id, "due": int(at(12).timestamp())})
        (told,) = service.wait(lambda: told_in(service, "bo", "gave you an action"), "bo's message")
        assert "#1 Answer GD1 · by 12:00" in service.slack.render(told, "bo")
        assert "Noted by @lin: #1 Answer GD1 · @bo · by 12:00" in thread(service, digest, 1)
        # It is noted once and stands until somebody ends it.
        assert "1 action is open." in typed(service, "bo", "action")
        service.forward_to(at(12, 1))
        (due,) = service.wait(
            lambda: [m for m in service.direct("bo") if "due now" in m.text], "the reminder"
        )
        service.settle()
        assert len([m for m in service.direct("bo") if "due now" in m.text]) == 1
        answer = service.slack.user("bo").press(due, "Done").answer()
        assert "Action #1 is done." in answer.text
        assert "Done, says @bo: #1 Answer GD1" in thread(service, digest, 3)
        assert "No action is open." in typed(service, "bo", "action")
        # A second press finds it ended.
        again = service.slack.user("bo").press(due, "Done").answer()
        assert "has ended already; nothing was changed" in again.text
        # The next digest begins with what went well.
        service.forward_to(at(9, 21, day=TOMORROW))
        tomorrow = service.wait(lambda: digests(service)[1:], "the next digest")[0]
        assert "Done since the last stand-up\n• #1 Answer GD1 · @bo" in service.slack.render(tomorrow, "lin")


def test_the_meeting_ends_with_who_does_what_and_what_nobody_owns(tmp_path: Path) -> None:
    with running(tmp_path, Setting(start=at(9, 15), shifts=DAYS)) as service:
        digest = the_digest(service)
        bo = f"<@{service.slack.user('bo').user.id}>"
        assert "by 12:00" in typed(service, "lin", f'action add "ask finance about the interface" {bo} 12:00')
        assert "no owner" in typed(service, "bo", "action add look into the gateway")
        service.forward_to(at(9, 44))
        service.settle()
        assert "time is over" not in thread(service, digest, 2)
        service.forward_to(at(9, 46))
        said = thread(service, digest, 3)
        assert "The stand-up's time is over: 2 actions, 1 owner.\n1 item has no owner" in said
        # What nobody owns stands on top, and is assigned there.
        (closing,) = [
            m for m in service.slack.channel("harbour-standup").thread(digest.ts) if "over:" in m.text
        ]
        shown = service.slack.render(closing, "lin")
        assert shown.index("look into the gateway") < shown.index("ask finance")
        # The next morning both stand in the digest, until they are done.
        service.forward_to(at(9, 21, day=TOMORROW))
        tomorrow = service.wait(lambda: digests(service)[1:], "the next digest")[0]
        text = service.slack.render(tomorrow, "lin")
        assert "2 actions are open" in text
        assert "open for 1 day" in text
        form = service.slack.user("lin").press(tomorrow, "item.give").modal()
        service.slack.user("lin").submit(form, {"owner": service.slack.user("chen").user.id})
        service.wait(
            lambda: [m for m in service.direct("chen") if "交给您一项行动" in m.text], "chen's message"
        )


def test_what_people_ask_most_is_named_with_its_share(tmp_path: Path) -> None:
    yesterday = DAY - timedelta(days=1)
    with running(tmp_path, Setting(start=at(9, 15), shifts=DAYS)) as service:
        for n in range(30):
            kind = "order" if n < 12 else "after_sales" if n < 21 else "complaint"
            service.opened(f"Y{n}", at(10, n, day=yesterday), type=kind)
            before = yesterday - timedelta(days=1 + n % 5)
            service.opened(f"W{n}", at(10, n, day=before), type="order" if n < 9 else "consult")
        digest = the_digest(service)
        text = service.slack.render(digest, "lin")
        assert (
            "chat: order 40% (+10 points on the week before) of 30 contacts. "
            "Could a help page or a bot answer it?"
        ) in text


def test_a_team_with_nothing_to_do_is_left_in_peace(tmp_path: Path) -> None:
    with running(tmp_path, Setting(start=at(9, 15), shifts=DAYS)) as service:
        digest = the_digest(service)
        service.forward_to(at(9, 46))
        service.settle()
        assert service.thread(digest) == []


@pytest.mark.parametrize(
    ("who", "words", "said"),
    [
        ("bo", 'action add "ask finance" @lin', "Only leads may do that"),
        ("lin", "action add", None),
        ("lin", "action 7 done", "There is no action 7; nothing was changed"),
        ("lin", 'action add "call 13812345678"', "this looks like a phone number"),
        ("lin", 'action add "ask" @bo yesterday', "past"),
        ("lin", "action add " + "x" * 141, "141 characters, at most 140"),
        ("lin", "action finish it", "nothing was changed"),
    ],
)
def test_what_cannot_be_is_said_and_nothing_is_noted(
    tmp_path: Path, who: str, words: str, said: str | None
) -> None:
    with running(tmp_path, Setting(start=at(10), shifts=DAYS)) as service:
        for name in ("lin", "bo"):
            words = words.replace(f"@{name}", f"<@{service.slack.user(name).user.id}>")
        outcome = service.slack.user(who).command("/muster", words)
        if said is None:
            assert "What is to be done?" in service.slack.render(outcome.modal(), who)
        else:
            assert said in service.slack.render(outcome.answer(), who)
        assert "No action is open." in typed(service, who, "action")


def test_dropping_needs_a_reason_and_what_others_own_a_lead(tmp_path: Path) -> None:
    with running(tmp_path, Setting(start=at(9, 15), shifts=DAYS)) as service:
        digest = the_digest(service)
        lin = f"<@{service.slack.user('lin').user.id}>"
        typed(service, "lin", f'action add "ask finance" {lin}')
        assert "Only leads may do that" in typed(service, "bo", "action 1 done")
        assert "Say why it is dropped; nothing was changed." in typed(service, "lin", "action 1 drop")
        assert "Action #1 is dropped." in typed(service, "lin", "action 1 drop finance has answered")
        assert "because: finance has answered" in thread(service, digest, 2)


def test_nobody_of_another_team_becomes_an_owner_neither_at_once_nor_later(tmp_path: Path) -> None:
    with running(tmp_path, Setting(start=at(10), shifts=DAYS)) as service:
        with service.store.unit() as uow:
            uow.people.upsert(agent("chen", team=TeamId("quay")))
            uow.commit()
        chen = f"<@{service.slack.user('chen').user.id}>"
        assert "is not in this team; nothing was changed" in typed(service, "lin", f'action add "ask" {chen}')
        assert "No action is open." in typed(service, "lin", "action")
        typed(service, "lin", 'action add "ask"')
        assert "is not in this team; nothing was changed" in typed(service, "lin", f"action 1 {chen}")
