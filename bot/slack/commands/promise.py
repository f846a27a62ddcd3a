"""/muster promise, promises and notice: what was told to customers, by words or by buttons.

``/muster promise [CASE] TIME "what" [@owner]`` makes one, on the only open case one has where none is named;
``kept``, ``move``, ``hand`` and ``withdraw`` with its number end it, as its buttons do.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from slack_sdk.models.blocks import Block

from bot.core.contacts import Contact
from bot.core.errors import NotFoundError, RefusedError
from bot.core.ids import AgentId, PromiseId
from bot.core.permissions import Action
from bot.core.promise_owners import Attendance
from bot.core.promises import Promise, PromiseKind, PromiseState
from bot.core.time_phrases import Understood, leading_time, read_time
from bot.i18n.catalog import LOCALES
from bot.slack.blocks import promises as look
from bot.slack.blocks.kit import Content, code, context, escape, message, section
from bot.slack.blocks.times import understood_as
from bot.slack.commands.command import Asked, Subcommand
from bot.slack.commands.named import user_in, without_mentions
from bot.slack.commands.viewer import viewer_of
from bot.usecases import delay_notices
from bot.usecases import promise as usecase
from bot.usecases.case_files import find_case
from bot.usecases.promise import Actor, Ended, Made
from bot.usecases.promise_keepers import named

__all__ = ["PROMISES", "actor", "answer_ended", "held", "listed", "made_answer", "promise_line"]

_SHOWN: Final = 10
_RECENT: Final = timedelta(days=1)
_DIGITS: Final = 15
_QUOTED: Final = re.compile(r"[\"“”「『＂](.*)[\"“”」』＂]", re.DOTALL)
_HANDLER: Final = re.compile(r"\bhandler\b|处理人|處理人|负责人", re.IGNORECASE)
_KEPT: Final = frozenset({"kept", "keep", "done", "told", "兑现", "已兑现", "完成"})
_MOVE: Final = frozenset({"move", "moved", "改期", "改时间"})
_HAND: Final = frozenset({"hand", "handover", "转交", "移交"})
_BACK: Final = frozenset({"withdraw", "cancel", "撤销", "取消"})


def promise(asked: Asked) -> Content:
    """Make a promise, or end the one whose number is given."""
    word, _, rest = asked.argument.strip().partition(" ")
    number, _, more = rest.strip().partition(" ")
    store, settings = asked.desk.store, asked.desk.settings
    doing = word.casefold()
    if doing in _KEPT:
        done = usecase.keep(store, settings, held(asked, number).promise, by=actor(asked), now=asked.now)
        return answer_ended(asked, done)
    if doing in _BACK:
        done = usecase.withdraw(store, settings, held(asked, number).promise, by=actor(asked), now=asked.now)
        return answer_ended(asked, done)
    if doing in _MOVE:
        return _move(asked, held(asked, number), more)
    if doing in _HAND:
        to = _mentioned(asked, more)
        if to is None:
            raise _nobody_named()
        done = usecase.hand_over(
            store, settings, held(asked, number).promise, to=to, by=actor(asked), now=asked.now
        )
        return answer_ended(asked, done)
    if not word:
        raise RefusedError(
            "promise_usage", f"write {_usage(asked)}; nothing was saved.", example=_usage(asked)
        )
    return _make(asked, word, rest.strip())


def listed(asked: Asked) -> Content:
    """What the person owes, broken first, with the buttons to end each."""
    agent = asked.person.agent
    owed = () if agent is None else usecase.owed_by(asked.desk.store, agent.agent)
    if not owed:
        hint = asked.t.text("promise.none_hint", command=code(_usage(asked)))
        return message([section(asked.t.text("promise.none")), context(hint)])
    blocks: list[Block] = [section(asked.t.plural("promise.list", len(owed)))]
    for one in owed[:_SHOWN]:
        blocks.append(section(promise_line(asked, one)))
        blocks += look.choices(one.promise, asked.voice)[:1]
    if len(owed) > _SHOWN:
        blocks.append(context(asked.t.plural("promise.more", len(owed) - _SHOWN)))
    return message(blocks)


def notice(asked: Asked) -> Content:
    """The delay notice of a case, filled in; with another time where one is given."""
    ref, _, rest = asked.argument.strip().partition(" ")
    if not ref:
        raise RefusedError("promise_usage", "write /muster notice CASE TIME; nothing was saved.", example="")
    found = _split(asked, rest)
    case = _case(asked, ref)
    new_at = None
    if found.rest:
        calendar = usecase.calendar_of(asked.desk.settings, case)
        new_at = read_time(found.rest, calendar=calendar, now=asked.now).at
    filled = delay_notices.prepare(
        asked.desk.store, asked.desk.settings, case.ref, now=asked.now, new_at=new_at
    )
    warned = [section(text) for text in look.warnings(found.note or "", asked.voice)]
    return message([*look.notice(filled, asked.voice), *warned])


PROMISES: Final = (
    Subcommand(
        name="promise",
        answer=promise,
        aliases=("承诺", "承諾", "约定"),
        usage='CASE TIME "what" [@owner]',
        action=Action.CASE_WORK,
        group="promises",
    ),
    Subcommand(
        name="promises",
        answer=listed,
        aliases=("我的承诺", "我的承諾", "承诺列表"),
        action=Action.CASE_SEE,
        group="promises",
    ),
    Subcommand(
        name="notice",
        answer=notice,
        aliases=("延迟通知", "延遲通知", "致歉"),
        usage="CASE [TIME]",
        action=Action.CASE_WORK,
        group="promises",
    ),
)


def actor(asked: Asked) -> Actor:
    return Actor(name=asked.person.actor, role=asked.person.role)


def promise_number(given: str) -> PromiseId:
    """The number typed or carried by a button.  Raises RefusedError where it is none."""
    number = given.strip().lstrip("#")
    if not number.isascii() or not number.isdigit() or len(number) > _DIGITS:
        raise RefusedError(
            "promise_number", "that is no number of a promise; nothing was changed. See /muster promises"
        )
    return PromiseId(int(number))


def held(asked: Asked, given: str) -> Promise:
    """The promise of that number, of a case this person may work on.

    Raises RefusedError for what is no number, NotFoundError, NotAllowedError.
    """
    number = promise_number(given)
    with asked.desk.store.read() as uow:
        found = uow.promises.get(number)
    if found is None:
        raise NotFoundError(
            "promise_unknown",
            f"promise {number} does not exist (any more); nothing was changed. See /muster promises.",
            promise=number,
        )
    asked.need(Action.CASE_WORK, ref=found.ref)
    return found


def answer_ended(asked: Asked, done: Ended) -> Content:
    """What the request did; where somebody was faster, who and when."""
    asked.desk.nudge()
    one, t = done.promise, asked.t
    if not done.won:
        person = asked.desk.names(one.ended_by or "")
        at = asked.voice.moment(one.ended_at or asked.now)
        state = t.text(f"promise.state.{one.state.value}")
        text = t.text("promise.over_since", number=one.promise, state=state, person=person, at=at)
        return message([section(text)])
    if done.made is None:
        key = "promise.ended.kept"
        if one.state is PromiseState.BROKEN:
            key = "promise.ended.late"
        elif one.state is PromiseState.WITHDRAWN:
            key = "promise.ended.withdrawn"
        return message([section(t.text(key, number=one.promise, ref=asked.voice.ref(one.ref)))])
    return made_answer(asked, done.made, key="promise.instead", before=one.promise)


def made_answer(
    asked: Asked,
    made: Made,
    *,
    understood: Understood | None = None,
    key: str = "promise.made",
    before: int | None = None,
    more: tuple[Block, ...] = (),
) -> Content:
    """The promise, how its time was understood, and whether its owner is there then."""
    t, voice, one = asked.t, asked.voice, made.promise
    title = t.text(
        key,
        number=one.promise,
        before=before,
        ref=voice.ref(one.ref),
        due=voice.moment(one.due_at),
        person=_owner_name(asked, made),
    )
    facts = [_attendance(asked, made)]
    if made.earlier_clock is not None:
        measure, due = made.earlier_clock
        facts.append(
            t.text("promise.earlier_clock", measure=voice.label("measure", measure), due=voice.moment(due))
        )
    elif made.later_clock is not None:
        measure, due = made.later_clock
        facts.append(
            t.text("promise.later_clock", measure=voice.label("measure", measure), due=voice.moment(due))
        )
    facts += look.warnings(made.promise.note or "", voice)
    blocks: list[Block] = [section(title), section("\n".join(facts)), *more]
    if made.then.attendance not in (Attendance.ON, Attendance.UNKNOWN):
        found = named(made.colleagues)
        if found:
            blocks.append(section(t.text("promise.notice.suggest", people=look.until(found, voice))))
            blocks += look.hand_to(one.promise, found, voice)
        else:
            blocks.append(section(t.text("promise.no_colleague")))
    if understood is not None:
        blocks.append(context(understood_as(asked.t, understood), *_zone(asked, made)))
    return message(blocks)


def _make(asked: Asked, ref: str, rest: str) -> Content:
    own = False
    try:
        case = _case(asked, ref)
    except NotFoundError:
        found_own = _own_case(asked, f"{ref} {rest}")
        if found_own is None:
            raise
        case, rest, own = found_own, f"{ref} {rest}", True
    if not rest.strip():
        raise RefusedError(
            "promise_usage", f"write {_usage(asked)}; nothing was saved.", example=_usage(asked)
        )
    settings, store = asked.desk.settings, asked.desk.store
    calendar = usecase.calendar_of(settings, case)
    found = _split(asked, rest)
    if found.quoted:
        understood, note = read_time(found.rest, calendar=calendar, now=asked.now), found.note
    else:
        understood, note = leading_time(found.rest, calendar=calendar, now=asked.now)
    kind = PromiseKind.HANDLER if found.handler else None
    if own and not note:
        kind = PromiseKind.CALL_BACK  # SP14: an uncertain answer, and we call back
    made = usecase.make(
        store,
        settings,
        case.ref,
        due_at=understood.at,
        by=actor(asked),
        now=asked.now,
        owner=found.owner,
        note=note,
        kind=kind,
    )
    asked.desk.nudge()
    return made_answer(asked, made, understood=understood, more=_for_the_customer(asked, made))


def _own_case(asked: Asked, text: str) -> Contact | None:
    """The one case a person works on, where they wrote a time without a case; None where it is no time.

    Raises RefusedError where they have none, or several.
    """
    agent, settings = asked.person.agent, asked.desk.settings
    if agent is None or agent.team not in settings.teams:
        return None
    calendar = settings.calendars[settings.teams[agent.team].calendar]
    try:
        leading_time(text, calendar=calendar, now=asked.now)
    except RefusedError:
        return None
    with asked.desk.store.read() as uow:
        mine = uow.contacts.open_of(agent.agent, settings.queues, asked.now - _RECENT, _SHOWN)
    if not mine:
        raise RefusedError(
            "promise_no_own_case",
            "you have no open case of the last day; nothing was saved. Write the case's number first.",
        )
    if len(mine) > 1:
        refs = ", ".join(contact.ref for contact in mine)
        raise RefusedError(
            "promise_which_case",
            f"which case? Nothing was saved. Write its number before the time: {refs}",
            refs=refs,
        )
    return mine[0]


def _case(asked: Asked, named: str) -> Contact:
    """The case of that number, or under a name linked to it.  Raises NotFoundError, NotAllowedError."""
    with asked.desk.store.read() as uow:
        return find_case(uow, asked.desk.settings, named.strip("`"), viewer_of(asked))


def _move(asked: Asked, one: Promise, text: str) -> Content:
    settings, store = asked.desk.settings, asked.desk.store
    calendar = usecase.calendar_of(settings, _case(asked, one.ref))
    understood = read_time(text, calendar=calendar, now=asked.now)
    done = usecase.move(store, settings, one.promise, due_at=understood.at, by=actor(asked), now=asked.now)
    return answer_ended(asked, done)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Words:
    """A command's text taken apart: ``rest`` is the time, and the note where that is not ``quoted``."""

    rest: str
    note: str | None
    quoted: bool
    owner: AgentId | None
    handler: bool


def _split(asked: Asked, text: str) -> _Words:
    owner = _mentioned(asked, text)
    text = without_mentions(text)
    quoted = _QUOTED.search(text)
    note = None if quoted is None else quoted.group(1)
    rest = text if quoted is None else text[: quoted.start()] + " " + text[quoted.end() :]
    handler = _HANDLER.search(rest) is not None
    return _Words(
        rest=_HANDLER.sub(" ", rest).strip(),
        note=note,
        quoted=quoted is not None,
        owner=owner,
        handler=handler,
    )


def _mentioned(asked: Asked, text: str) -> AgentId | None:
    """The agent a text mentions.  Raises NotFoundError for somebody who is none."""
    user = user_in(text)
    if user is None:
        return None
    with asked.desk.store.read() as uow:
        agent = uow.people.by_slack_user(user)
    if agent is None:
        raise NotFoundError(
            "promise_owner_unknown",
            "the owner is not on the agents file (any more); nothing was saved. Name somebody who is.",
            agent="",
        )
    return agent.agent


def _nobody_named() -> RefusedError:
    return RefusedError(
        "promise_hand_to_nobody",
        "that names nobody; nothing was changed. Write /muster promise hand NUMBER @name",
    )


def _usage(asked: Asked) -> str:
    return asked.t.text("promise.example")


def promise_line(asked: Asked, one: Promise) -> str:
    """What is owed on which case, and by when."""
    key = "promise.line.broken" if one.state is PromiseState.BROKEN else "promise.line.open"
    note = "" if one.note is None else f"  “{escape(one.note, 200)}”"
    return (
        asked.t.text(
            key,
            number=one.promise,
            ref=asked.voice.ref(one.ref),
            kind=asked.t.text(f"promise.kind.{one.kind.value}"),
            due=asked.voice.moment(one.due_at),
        )
        + note
    )


def _owner_name(asked: Asked, made: Made) -> str:
    return asked.t.text("promise.you") if _is_own(asked, made) else asked.desk.names(made.owner.agent)


def _is_own(asked: Asked, made: Made) -> bool:
    return asked.person.agent is not None and asked.person.agent.agent == made.owner.agent


def _attendance(asked: Asked, made: Made) -> str:
    then, own = made.then, _is_own(asked, made)
    unrostered = then.attendance is Attendance.OFF and then.ends is None
    keys = {
        Attendance.ON: ("promise.there", "promise.there"),
        Attendance.TIGHT: ("promise.tight", "promise.tight"),
        Attendance.OFF: ("promise.notice.leaves", "promise.you_leave"),
        Attendance.ABSENT: ("promise.owner_absent", "promise.you_absent"),
        Attendance.UNKNOWN: ("promise.no_roster", "promise.no_roster"),
    }
    others, yours = keys[then.attendance]
    if unrostered:
        others, yours = "promise.owner_not_rostered", "promise.you_not_rostered"
    ends = "" if then.ends is None else asked.voice.moment(then.ends)
    return asked.t.text(yours if own else others, person=_owner_name(asked, made), ends=ends, leaves=ends)


def _for_the_customer(asked: Asked, made: Made) -> tuple[Block, ...]:
    """ES12: the words that name the handler, in both languages."""
    one = made.promise
    if one.kind is not PromiseKind.HANDLER:
        return ()
    texts = [
        "> "
        + look.handler_text(one.ref, made.owner.name, one.due_at, made.contact.queue, locale, asked.voice)
        for locale in LOCALES
    ]
    return (section(asked.t.text("promise.notice.send")), section("\n".join(texts)))


def _zone(asked: Asked, made: Made) -> list[str]:
    note = asked.voice.zone_note([made.contact.queue])
    return [] if note is None else [note]
