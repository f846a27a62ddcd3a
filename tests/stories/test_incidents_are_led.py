"""L16, ES8 to ES11, CP9, CR17: something goes wrong, and people know what to do until it is learnt from."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

from bot.core.courses import Measure
from bot.core.ids import ContactRef
from bot.playground import Message
from bot.reports.record_form import form_name
from bot.usecases.review_sla import attainment
from tests.stories.service import DAY, Service, Setting, event, running
from tests.support.builders import CHAT, TEAM, agent, at

TOMORROW = DAY + timedelta(days=1)
T = TypeVar("T")
SHIFTS = [(who, at(9), at(18)) for who in ("lin", "bo")]
FORM = (
    "customer_no,tier,channel,type,description,arrived,answered,resolved,agent,satisfaction,remarks,"
    "contact,order_no,queue,priority\r\n"
    "C1,existing,chat,consult,cannot pay,2026-11-24 10:20,,,,,,GD9,,chat,high\r\n"
)


def typed(service: Service, who: str, words: str) -> str:
    return service.slack.render(service.slack.user(who).command("/muster", words).answer(), who)


def responders(service: Service, *names: str) -> None:
    """These have the skill ``incident``."""
    with service.store.unit() as uow:
        for name in names:
            uow.people.upsert(agent(name, skills={CHAT: 1.0, "incident": 1.0}))
        uow.commit()


def until(service: Service, look: Callable[[], T | None], what: str) -> T:
    """What is looked for, once it is there: a second of the clock per message, as Slack wants it."""
    for _ in range(300):
        found = look()
        if found:
            return found
        service.clock.forward_to(service.clock() + timedelta(seconds=1.01))
        service.application.runner.wake("incidents", "deliver")
        time.sleep(0.05)
    raise AssertionError(f"{what} did not come")


def card(service: Service, words: str = "System outage") -> Message:
    """The card, found by what it is about."""
    return until(
        service, lambda: next((m for m in service.posts() if words in m.text), None), f"the card of {words}"
    )


def shown(service: Service, post: Message, who: str = "lin") -> str:
    return service.slack.render(post, who)


def threaded(service: Service, post: Message, words: str) -> Message:
    """The answer under a post that says so."""

    def look() -> Message | None:
        said = service.slack.channel(post.channel).thread(post.ts)
        return next((m for m in said if m.is_reply and words in shown(service, m)), None)

    return until(service, look, f"{words!r} in the thread")


def told(service: Service, who: str, words: str) -> Message:
    return until(
        service,
        lambda: next((m for m in service.direct(who) if words in shown(service, m, who)), None),
        f"{words!r} to {who}",
    )


def forward(service: Service, instant: object) -> None:
    service.forward_to(instant)  # type: ignore[arg-type]
    service.application.runner.wake("incidents")


def test_an_outage_is_led_from_the_first_minute_to_the_lesson(tmp_path: Path) -> None:
    with running(tmp_path, Setting(start=at(10), shifts=SHIFTS)) as service:
        responders(service, "bo")
        service.opened("GD1", at(9, 59))
        service.opened("GD2", at(9, 58))
        said = typed(service, "lin", "incident start outage payments fail by 12:00")
        assert "#1 System outage has begun: its card is in #harbour-alerts" in said
        assert "The exception window is recorded; the clocks run on" in said
        post = card(service)
        text = shown(service, post)
        assert "payments fail" in text
        assert (
            "1. Confirm with IT what is down, since when, and ask for a repair time · @bo · by 10:10" in text
        )
        assert "2. Tell Muster cause and repair time: /muster incident update · @lin · by 10:15" in text
        assert "IT on call: #it-oncall" in text
        assert "Exception window until 12:00: the clocks run on; what breaks is shown apart" in text
        threaded(service, post, "Exception")
        # Owners and everybody on shift are told what is known, and what to do.
        assert "by 10:10" in shown(service, told(service, "bo", "this step is yours"), "bo")
        news = told(service, "bo", "something is wrong")
        assert "Cause: not known yet" in shown(service, news, "bo")

        # A step is taken and done; the card says so in place.
        done = service.slack.user("bo").press(told(service, "bo", "this step is yours"), "Done").answer()
        assert "Next: 2." in shown(service, done, "bo")
        until(service, lambda: "done 10:0" in shown(service, post), "the edited card")

        # What nobody has done in time is told once, to the thread and the lead on duty.
        forward(service, at(10, 15, 1))
        threaded(service, post, "late: 2. Tell Muster cause and repair time")
        told(service, "lin", "a step is late")

        # Cause and repair time go to the agents, and into the words for customers.
        update = typed(
            service,
            "lin",
            "incident update we guarantee a fix of the cable by 11:00; compensation: a voucher",
        )
        assert "promises too much" in update
        update = typed(service, "lin", "incident update a broken cable by 11:00")
        assert "the team and everybody on shift were told" in update
        told(service, "bo", "Cause: a broken cable")
        until(service, lambda: "Repaired by: 11:00" in shown(service, post), "the card with the time")
        assert "Exception window until 11:00" in shown(service, post)
        notice = service.slack.user("bo").press(news, "Customer notice").answer()
        words = shown(service, notice, "bo")
        assert "Cause: a broken cable." in words
        assert "We expect them back by 11:00." in words
        assert "a voucher" in words
        assert "原因：a broken cable。" in words
        service.slack.user("bo").press(notice, "Noted as given").answer()
        threaded(service, post, "customers were told")

        # The clocks have run on, and what broke is counted apart.
        forward(service, at(10, 40))
        until(service, lambda: any("GD1" in m.text for m in service.posts()), "the breach all the same")

        # It is over: what waits, by promise, until nothing does.
        service.tell(event("GD2", "responded", service.clock(), agent="bo"))
        over = typed(service, "lin", "incident over")
        assert "2 of 2 cases that came or waited meanwhile are open" in over
        assert over.index("GD1") < over.index("GD2")
        backlog = threaded(service, post, "2 of 2 cases")
        assert "GD1" in shown(
            service, service.slack.user("bo").press(backlog, "Case", value="GD1").answer(), "bo"
        )
        with service.store.read() as uow:
            (window,) = uow.exception_windows.between(at(10), at(11))
        assert window.ends_at < at(10, 45)
        figures = attainment(service.store, service.settings, start=at(10), end=at(11), now=service.clock())
        (first,) = [row for row in figures if row.measure is Measure.FIRST_RESPONSE]
        assert (first.kept, first.broken, first.excused) == (0, 2, 2)

        # What was written by hand comes in with its true times: it was due before anybody could type it.
        assert "The form follows" in typed(service, "ada", "incident form")
        sent = until(service, lambda: next((m for m in service.direct("ada") if m.files), None), "the form")
        assert len(sent.files) == 2  # in either language
        service.slack.user("ada").upload(None, form_name(1, "en"), FORM.encode())
        until(service, lambda: any("Imported" in m.text for m in service.direct("ada")), "the import")
        with service.store.read() as uow:
            (clock,) = [
                c
                for c in uow.clocks.of([ContactRef("GD9")])[ContactRef("GD9")].values()
                if c.measure is Measure.FIRST_RESPONSE
            ]
        assert (clock.started_at, clock.due_at) == (at(10, 20), at(10, 30))
        service.application.runner.wake("incidents")
        threaded(service, post, "3 of 3 cases")
        for ref in ("GD1", "GD2", "GD9"):
            service.tell(
                event(ref, "responded", service.clock(), agent="bo"),
                event(ref, "resolved", service.clock(), agent="bo"),
            )
        service.application.runner.wake("incidents")
        threaded(service, post, "Nothing waits any more: 3 cases")

        # The review becomes actions with owners, and the report keeps what happened.
        form = service.slack.user("lin").command("/muster", "incident close").modal()
        bo_id = service.slack.user("bo").user.id
        service.slack.user("lin").submit(
            form,
            {
                "cause": "A digger cut the cable",
                "handling": "Chat took over",
                "lesson": "Two cables in one trench are one cable",
                "what1": "Ask for a second way in",
                "owner1": bo_id,
                "due1": int(at(12, day=TOMORROW).timestamp()),
            },
        )
        told(service, "bo", "Ask for a second way in")
        threaded(service, post, "Two cables in one trench")
        until(service, lambda: shown(service, post).startswith("Closed"), "the closed card")
        report = typed(service, "lin", "incident show 1")
        assert "bo did step 1" in report
        assert "step 2 was late" in report
        assert "3 broken, of which 3 are shown apart" in report
        assert "#1 Ask for a second way in" in report


REFUSED = [
    ("bo", "incident start outage", "Only leads may do that"),
    ("lin", "incident start outge", "Did you mean outage"),
    ("lin", "incident start", "Say which scenario"),
    ("lin", "incident over", "No such incident is going on"),
    ("lin", "incident start outage call 13812345678", "this looks like a phone number"),
    ("lin", "incident start outage by 08:00 today", "That time is past"),
    ("lin", "incident", "No incident is going on"),
    ("chen", "incident runbooks", "系统故障"),
]


def test_what_cannot_be_is_answered(tmp_path: Path) -> None:
    with running(tmp_path, Setting(start=at(10), shifts=SHIFTS)) as service:
        for who, words, said in REFUSED:
            assert said in typed(service, who, words), words
        # Leads give back the form of an incident, and no other file.
        service.slack.user("lin").upload(None, "nov.csv", b"queue,start,contacts")
        told(service, "lin", "Only planners may do that")
        assert service.posts() == []


def test_nobody_is_said_plainly_and_a_missing_review_is_asked_for(tmp_path: Path) -> None:
    with running(tmp_path, Setting(start=at(10), shifts=[("lin", at(9), at(18))])) as service:
        assert "2 steps have nobody" in typed(service, "lin", "incident start surge")
        assert "2 steps have nobody" in typed(service, "lin", "incident start phones-down")
        post = card(service, "Sudden surge")
        assert "nobody: no one with the skill incident is on duty" in shown(service, post)
        threaded(service, post, "2 of the steps")
        # Two at once: whoever means one says which.
        assert "Say which: #1, #2" in typed(service, "lin", "incident over")
        typed(service, "lin", "incident 1 over")
        assert "Over: #1" in typed(service, "lin", "incident show 1")
        assert "is not over" in typed(service, "lin", "incident close 2")
        # A window lasts as long as its incident.
        forward(service, at(14))
        threaded(service, card(service, "Phone system down"), "the exception window now ends 14:30")


def test_an_incident_noticed_late_begins_when_it_began(tmp_path: Path) -> None:
    with running(tmp_path, Setting(start=at(10, 15), shifts=SHIFTS)) as service:
        for words in ("11:00", "25:00", "2026-11-22 09:40"):
            refused = typed(service, "lin", f"incident start outage --since {words}")
            assert "nothing was started" in refused
            assert "--since 09:40" in refused
        said = typed(service, "lin", "incident start outage payments fail since 9:40 by 12:00")
        assert "System outage" in said
        with service.store.read() as uow:
            (found,) = uow.incidents.open_of(TEAM)
            assert found.window is not None
            window = uow.exception_windows.get(found.window)
        assert (found.what, found.started_at, found.recover_by) == ("payments fail", at(9, 40), at(12))
        assert window is not None
        assert (window.starts_at, window.ends_at) == (at(9, 40), at(12))
        # What is to be done now is due from now.
        assert all(step.due_at is None or step.due_at > at(10, 15) for step in found.steps)
        assert "09:40" in shown(service, card(service))
        typed(service, "lin", "incident drill surge 自 9:50 起")
        with service.store.read() as uow:
            (drill,) = [i for i in uow.incidents.open_of(TEAM) if i.drill]
        assert (drill.started_at, drill.cases[0].arrived_at) == (at(9, 50), at(9, 50))
