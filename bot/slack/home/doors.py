"""Doors of the home: buttons that run subcommands, and the small forms of those that need words.

What a door does is what its command does: one table, one set of permissions, one answer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import time
from typing import Final

from slack_sdk.models.blocks import Block, ButtonElement, StaticSelectElement

from bot.core.errors import RefusedError
from bot.core.ideas import LONGEST as LONGEST_IDEA
from bot.core.incidents import LONGEST as LONGEST_INCIDENT
from bot.core.runbooks import in_language
from bot.i18n.catalog import SPOKEN, Translator
from bot.imports.runbooks import known_runbooks
from bot.slack.blocks.form import Form, as_text, choice, clock_field, day_field, person_field, text_field
from bot.slack.blocks.kit import Content, actions, button, section, select
from bot.slack.commands.command import Asked, offered, run
from bot.slack.commands.language import SLACK
from bot.slack.commands.swap import own
from bot.slack.commands.table import COMMANDS
from bot.usecases import remind_shifts, swap_shifts

__all__ = [
    "BUTTONS",
    "FORMS",
    "LEAD",
    "REFRESH",
    "SHIFTS",
    "STATES",
    "WITHDRAW",
    "WORK",
    "Door",
    "help_button",
    "language_choice",
    "row",
]

REFRESH: Final = "home.refresh"
LANGUAGE: Final = "home.language"
WITHDRAW: Final = "home.withdraw"
"""Value: the request's number."""
MOST_SCENARIOS: Final = 100
"""Slack takes no longer list."""
_BY_NAME: Final = {command.name: command for command in COMMANDS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """One button: what is typed where one types.  ``form``: it opens a form of that name instead."""

    name: str
    command: str
    words: str
    form: bool = False

    @property
    def action(self) -> str:
        return f"home.{self.name}"


def _door(name: str, typed: str, *, form: bool = False) -> Door:
    command, _, words = typed.partition(" ")
    return Door(name=name, command=command, words=words, form=form)


SHIFTS: Final = (
    _door("week", "/shift week"),
    _door("swap", "/muster swap", form=True),
    _door("off", "/muster off", form=True),
    _door("sick", "/muster sick", form=True),
    _door("wish", "/muster wish", form=True),
    _door("fair", "/muster fair"),
    _door("load", "/shift load"),
    _door("why", "/muster why"),
    _door("calendar", "/shift calendar"),
    _door("remind", "/shift remind", form=True),
)
"""What an agent does about shifts."""
STATES: Final = (
    _door("in", "/muster in"),
    _door("break", "/muster break"),
    _door("lunch", "/muster lunch"),
    _door("out", "/muster out"),
    _door("adherence", "/muster adherence"),
)
WORK: Final = (
    _door("log", "/muster log"),
    _door("promises", "/muster promises"),
    _door("who", "/muster who"),
    _door("board", "/muster board stage"),
    _door("idea", "/muster idea", form=True),
    _door("own_week", "/muster kpi me"),
    _door("review", "/muster review"),
)
LEAD: Final = (
    _door("requests", "/muster requests"),
    _door("overtime", "/muster overtime"),
    _door("gohome", "/muster gohome"),
    _door("exceptions", "/muster exception"),
    _door("actions", "/muster action"),
    _door("pack", "/muster pack"),
    _door("causes", "/muster cause"),
    _door("campaigns", "/muster campaign"),
    _door("incident", "/muster incident start", form=True),
)
_HELP: Final = _door("help", "/muster help")
DOORS: Final = (*SHIFTS, *STATES, *WORK, *LEAD, _HELP)


def row(block_id: str, doors: Sequence[Door], asked: Asked) -> list[Block]:
    """The buttons of those doors that this person could use; nothing without any."""
    buttons = [_press(door, asked) for door in doors if _open_to(door, asked)]
    return [actions(block_id, *buttons)] if buttons else []


def _press(door: Door, asked: Asked) -> ButtonElement:
    return button(asked.t.text(f"home.button.{door.name}"), action=door.action, value=door.name)


def help_button(asked: Asked) -> ButtonElement:
    """What this person may do, by role (K4)."""
    return _press(_HELP, asked)


def _open_to(door: Door, asked: Asked) -> bool:
    if door.name == "calendar" and asked.desk.public_url is None:
        return False
    found = _BY_NAME[door.command].find(door.words.partition(" ")[0])
    return found is not None and offered(found, asked.person)


def typed(asked: Asked, command: str, words: str) -> Content | Form:
    """The answer to a command, as if it had been typed."""
    return run(_BY_NAME[command], replace(asked, argument=words))


def _opened(door: Door) -> Callable[[Asked], Content | Form | None]:
    def pressed(asked: Asked) -> Content | Form | None:
        return _FORM_OF[door.name](asked) if door.form else typed(asked, door.command, door.words)

    return pressed


def _sent(door: Door) -> Callable[[Asked], Content | Form | None]:
    def submitted(asked: Asked) -> Content | Form | None:
        words = f"{door.words} {_WORDS_OF[door.name](asked)}".strip()
        return typed(asked, door.command, words)

    return submitted


def _refreshed(asked: Asked) -> None:
    """Nothing but what follows every press on a home: it is drawn again."""


def _spoken(asked: Asked) -> None:
    """The home that is drawn again says it all."""
    typed(asked, "/muster", f"language {asked.argument}")


def language_choice(asked: Asked) -> StaticSelectElement:
    """In which language this person is written to."""
    as_slack = asked.t.text("home.language.slack")
    options = [(SLACK, as_slack), *((loc, Translator(loc).text("frame.language")) for loc in SPOKEN)]
    value = asked.person.chosen or SLACK
    return select(asked.t.text("home.language"), options, action=LANGUAGE, value=value)


def _withdrawn(asked: Asked) -> Content | Form:
    return typed(asked, "/muster", f"withdraw {asked.argument}")


BUTTONS: Final[Mapping[str, Callable[[Asked], Content | Form | None]]] = {
    REFRESH: _refreshed,
    LANGUAGE: _spoken,
    WITHDRAW: _withdrawn,
    **{door.action: _opened(door) for door in DOORS},
}
FORMS: Final[Mapping[str, Callable[[Asked], Content | Form | None]]] = {
    door.action: _sent(door) for door in DOORS if door.form
}


def _form(asked: Asked, name: str, *blocks: Block) -> Form:
    return Form(
        callback=f"home.{name}",
        title=asked.t.text(f"home.button.{name}"),
        submit=asked.t.text("home.form.send"),
        close=asked.t.text("form.close"),
        blocks=[section(asked.t.text(f"home.form.{name}")), *blocks],
    )


def _swap(asked: Asked) -> Form:
    day = swap_shifts.next_day(asked.desk.store, own(asked), now=asked.now)
    return _form(
        asked,
        "swap",
        day_field("day", asked.t.text("home.form.day"), day=day, optional=False),
        person_field("person", asked.t.text("home.form.colleague")),
    )


def _off(asked: Asked) -> Form:
    day = swap_shifts.next_day(asked.desk.store, own(asked), now=asked.now)
    return _form(asked, "off", day_field("day", asked.t.text("home.form.day"), day=day, optional=False))


def _sick(asked: Asked) -> Form:
    own(asked)
    today = asked.f.local_day(asked.now)
    return _form(asked, "sick", day_field("day", asked.t.text("home.form.day"), day=today, optional=False))


def _wish(asked: Asked) -> Form:
    own(asked)
    listed = typed(asked, "/muster", "wish")
    assert isinstance(listed, Content)
    form = _form(
        asked,
        "wish",
        text_field("wish", asked.t.text("home.form.wish_words"), optional=False, longest=200),
        person_field("person", asked.t.text("home.form.colleague")),
    )
    return replace(form, blocks=[*form.blocks, *listed.blocks])


def _remind(asked: Asked) -> Form:
    agent = own(asked)
    with asked.desk.store.read() as uow:
        held = uow.shift_reminders.of(agent.agent)
    label = asked.t.text("home.form.at", zone=agent.zone)
    at: time | None = held or remind_shifts.USUAL
    return _form(asked, "remind", clock_field("at", label, at=at))


def _idea(asked: Asked) -> Form:
    own(asked)
    words = text_field("idea", asked.t.text("home.form.idea_words"), optional=False, longest=LONGEST_IDEA)
    return _form(asked, "idea", words)


def _incident(asked: Asked) -> Form:
    """Which scenario; what, and when it began, where that is known."""
    known = known_runbooks(asked.desk.settings.incidents.folder).runbooks
    titles = [
        (key, in_language([r for r in known if r.key == key], asked.t.locale).title)
        for key in dict.fromkeys(r.key for r in known)
    ]
    if not titles:
        raise RefusedError(
            "incident_scenario", "There is no runbook; nothing was started. See: /muster incident runbooks"
        )
    return _form(
        asked,
        "incident",
        choice("scenario", asked.t.text("home.form.scenario"), titles[:MOST_SCENARIOS], optional=False),
        text_field("what", asked.t.text("home.form.what"), longest=LONGEST_INCIDENT),
        text_field("since", asked.t.text("home.form.since"), hint="09:40", longest=16),
    )


def _incident_words(asked: Asked) -> str:
    scenario, what, since = (as_text(asked.fields.get(n)).strip() for n in ("scenario", "what", "since"))
    return " ".join(part for part in (scenario, what, since and f"--since {since}") if part)


_FORM_OF: Final[Mapping[str, Callable[[Asked], Form]]] = {
    "swap": _swap,
    "off": _off,
    "sick": _sick,
    "wish": _wish,
    "remind": _remind,
    "idea": _idea,
    "incident": _incident,
}


def _with_colleague(asked: Asked, words: str) -> str:
    person = as_text(asked.fields.get("person"))
    return f"{words} <@{person}>" if person else words


_WORDS_OF: Final[Mapping[str, Callable[[Asked], str]]] = {
    "swap": lambda asked: _with_colleague(asked, as_text(asked.fields.get("day"))),
    "off": lambda asked: as_text(asked.fields.get("day")),
    "sick": lambda asked: as_text(asked.fields.get("day")),
    "wish": lambda asked: _with_colleague(asked, _needed(as_text(asked.fields.get("wish")))),
    "remind": lambda asked: as_text(asked.fields.get("at")) or "off",
    "idea": lambda asked: as_text(asked.fields.get("idea")),
    "incident": _incident_words,
}


def _needed(text: str) -> str:
    if not text.strip():
        raise RefusedError("wish_not_understood", "that is no wish; nothing was kept.")
    return text
