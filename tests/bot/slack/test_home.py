"""The home with everything hostile and too much of it: both languages, every role, inside Slack's limits."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

import pytest

from bot.core.ids import AgentId, QueueId
from bot.core.people import Role
from bot.core.promises import PromiseKind
from bot.core.requests import Answer, Cause, RequestState
from bot.core.settings import Settings
from bot.i18n.catalog import Translator
from bot.i18n.formats import Formats
from bot.playground.checks import check_view
from bot.slack.app import BUTTONS, FORMS
from bot.slack.blocks.home import HOME_BLOCKS, HOME_BYTES, Home
from bot.slack.blocks.kit import context, section
from bot.slack.commands.command import Asked, Desk
from bot.slack.home.doors import BUTTONS as DOORS
from bot.slack.home.page import home
from bot.slack.people import Names, People, Person
from bot.store.engine import make_engine
from bot.store.tables import Base
from bot.store.unit_of_work import Store
from scheduler.requests.verdicts import Trade
from scheduler.roster.roster import Assignment, Roster, RosterPeriod
from tests.bot.slack.posts import HOSTILE
from tests.stories.service import shift
from tests.support.builders import SHANGHAI, agent, at, contact
from tests.support.builders import settings as make_settings

NOW = at(10, 15)
MANY = 300
HOSTILE_NAMES = [name for name in HOSTILE if name]


def hostile_settings(name: str) -> Settings:
    plain = make_settings()
    chat = plain.queues[QueueId("chat")]
    queues = {QueueId(f"{name}{n}"): replace(chat, queue=QueueId(f"{name}{n}")) for n in range(40)}
    return replace(plain, queues={**queues, chat.queue: chat})


def furnish(store: Store, settings: Settings, name: str) -> None:
    """300 people on shift, 200 open cases and 40 promises of bo, 30 requests of bo's, 30 before the leads."""
    with store.unit() as uow:
        for who in ("bo", "lin", *(f"a{n}" for n in range(MANY))):
            made_up = agent(who, role=Role.LEAD if who == "lin" else Role.AGENT)
            uow.people.upsert(replace(made_up, name=f"{name} {who}"))
        made = shift(at(9), at(18))
        roster = Roster(
            period=RosterPeriod(first=at(9).date(), days=7, zone=SHANGHAI),
            assignments=tuple(
                Assignment(agent=who, shift=made) for who in ("bo", "lin", *(f"a{n}" for n in range(MANY)))
            ),
        )
        number = uow.rosters.save_draft(roster, made_at=at(8))
        uow.rosters.publish(number, by=name, at=at(8), accepted_because=name * 3)
        queues = list(settings.queues)
        cases = [
            contact(f"GD{n:03}", agent=AgentId("bo"), queue=queues[n % len(queues)], opened_at=at(9))
            for n in range(200)
        ]
        uow.contacts.save(cases)
        for n, case in enumerate(cases[:40]):
            uow.promises.add(
                ref=case.ref,
                kind=PromiseKind.FOLLOW_UP,
                owner=AgentId("bo"),
                due_at=at(18),
                made_at=at(9),
                made_by="bo",
                remind_at=None,
                next_check_at=None,
                note=name[:200],
                origin=f"test:{n}",
            )
        for n in range(30):
            for asker, answers, state in (
                ("bo", {AgentId("lin"): Answer.WAITING}, RequestState.OPEN),
                (f"a{n}", {AgentId("bo"): Answer.WAITING}, RequestState.OPEN),
                (f"a{n}", {}, RequestState.PROPOSED),
            ):
                uow.requests.add(
                    cause=Cause.GIVE,
                    roster=number,
                    asker=AgentId(asker),
                    trades=(Trade(agent=asker, gone=(made,)), Trade(agent="bo", come=(made,))),
                    answers=answers,
                    made_at=at(9),
                    made_by=asker,
                    ends_at=at(20),
                    state=state,
                )
        uow.commit()


@pytest.fixture(scope="module", params=HOSTILE_NAMES)
def furnished(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Store, Settings]]:
    store = Store(make_engine(f"sqlite:///{tmp_path_factory.mktemp('home') / 'muster.db'}"))
    Base.metadata.create_all(store.engine)
    settings = hostile_settings(request.param)
    furnish(store, settings, request.param)
    yield store, settings
    store.close()


def asked(store: Store, settings: Settings, who: str | None, role: Role, locale: str) -> Asked:
    with store.read() as uow:
        found = None if who is None else uow.people.get(AgentId(who))
    t = Translator(locale)
    return Asked(
        person=Person(user="U1234567", agent=found, role=role, locale=locale, zone="Europe/Lisbon"),
        argument="",
        now=NOW,
        t=t,
        f=Formats(t.locale, "Europe/Lisbon"),
        desk=Desk(
            store=store,
            settings=settings,
            people=cast(People, None),
            names=Names(store),
            nudge=lambda: None,
            public_url="https://muster.example",
        ),
    )


def texts(value: Any) -> list[str]:
    if isinstance(value, list):
        return [text for item in value for text in texts(item)]
    if isinstance(value, dict):
        own = [value["text"]] if isinstance(value.get("text"), str) else []
        return [*own, *(text for item in value.values() if not isinstance(item, str) for text in texts(item))]
    return []


@pytest.mark.parametrize("locale", ["en", "zh-Hans"])
@pytest.mark.parametrize(
    ("who", "role"),
    [("bo", Role.AGENT), ("lin", Role.LEAD), (None, Role.LEAD), (None, Role.PLANNER), ("bo", Role.ADMIN)],
)
def test_inside_limits_and_harmless(
    furnished: tuple[Store, Settings], who: str | None, role: Role, locale: str
) -> None:
    store, settings = furnished
    view = home(asked(store, settings, who, role, locale)).view()
    assert check_view(view, home=True) == []
    first = view["blocks"][0]
    assert first["type"] == "section"
    assert re.search(r"\w", first["text"]["text"])
    shown = "\n".join(texts(view["blocks"]))
    assert not re.search(r"<(?!/)[^>]*>", shown)
    assert not re.search("[\u202a-\u202e\u2066-\u2069\u200b\x00-\x08\x1b\r]", shown)
    assert view["blocks"][-1]["type"] == "context"  # the footer is there, whatever was left out
    known = {*BUTTONS, *FORMS}
    pressed = {e["action_id"] for b in view["blocks"] for e in b.get("elements", []) if "action_id" in e}
    assert pressed - known == set()


def test_every_form_is_inside_limits(furnished: tuple[Store, Settings]) -> None:
    store, settings = furnished
    with store.unit() as uow:
        tomorrow = shift(at(9) + timedelta(days=1), at(18) + timedelta(days=1))
        roster = Roster(
            period=RosterPeriod(first=tomorrow.date, days=1, zone=SHANGHAI),
            assignments=(Assignment(agent="bo", shift=tomorrow),),
        )
        number = uow.rosters.save_draft(roster, made_at=at(8))
        uow.rosters.publish(number, by="pei", at=at(8), accepted_because=None)
        uow.commit()
    for locale in ("en", "zh-Hans"):
        for callback in FORMS:
            if callback in DOORS:
                form = DOORS[callback](asked(store, settings, "bo", Role.AGENT, locale))
                assert form is not None
                assert form.callback == callback  # type: ignore[union-attr]
                assert check_view(form.view(), home=False) == []  # type: ignore[union-attr]


def test_chinese_homes_are_chinese(tmp_path: Any) -> None:
    store = Store(make_engine(f"sqlite:///{tmp_path / 'muster.db'}"))
    Base.metadata.create_all(store.engine)
    settings = make_settings()
    furnish(store, settings, "甲")
    for who, role in (("bo", Role.AGENT), ("lin", Role.LEAD), ("lin", Role.ADMIN)):
        view = home(asked(store, settings, who, role, "zh-Hans")).view()
        said = re.sub(r"`[^`]*`", "", "\n".join(texts(view["blocks"])))
        said = re.sub(r"UTC|Slack|Muster|English|甲 \w+|chat|phone|email|harbour|a\d+|bo|lin", "", said)
        assert re.findall(r"[A-Za-z]{2,}", said) == []


def test_what_does_not_fit_is_left_out_before_the_footer() -> None:
    footer = [context("footer")]
    for text, most in (("x", HOME_BLOCKS), ("漢" * 2_900, 16)):
        view = Home(blocks=[section(f"{n} {text}") for n in range(250)], footer=footer, shortened="…").view()
        blocks = view["blocks"]
        assert len(blocks) <= most
        assert len(json.dumps(blocks)) <= HOME_BYTES
        assert texts(blocks[-1]) == ["footer"]
        assert texts(blocks[-2]) == ["…"]
        assert texts(blocks[0])[0].startswith("0 ")
    whole = Home(blocks=[section("one")], footer=footer).view()["blocks"]
    assert [texts(b) for b in whole] == [["one"], ["footer"]]
