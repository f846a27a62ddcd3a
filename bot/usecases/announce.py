"""A rule has changed: everybody concerned is told, says they have read it, and is asked again (CA8, CP12)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.core.announcements import LONGEST_PART, Announcement, Reader
from bot.core.campaign_messages import AnnouncementCard
from bot.core.errors import NotFoundError, RefusedError
from bot.core.ids import AgentId, AnnouncementId, TeamId
from bot.core.messages import Recipient, RecipientKind
from bot.core.on_duty import reachable
from bot.core.privacy import refuse_personal
from bot.core.settings import Settings
from bot.store.unit_of_work import Store

__all__ = ["AnnouncementEntry", "Standing", "announce", "ask_again", "read", "standing"]

CHASED_FOR = timedelta(days=14)
"""What nobody has read by then is old news."""
_SOON = timedelta(hours=2)
"""How long after the start of a shift somebody is still asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnouncementEntry:
    """The four parts of it; all are needed."""

    what: str
    reason: str
    content: str
    effect: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """An announcement with who has read it and who has not."""

    announcement: Announcement
    read: tuple[Reader, ...]
    unread: tuple[Reader, ...]


def announce(
    store: Store, settings: Settings, team: TeamId, entry: AnnouncementEntry, *, by: str, now: datetime
) -> Standing:
    """To the team's channel and to each of its people but whoever announces it.

    Raises RefusedError, with nothing told, where a part is missing, too long, or holds personal data.
    """
    for name in ("what", "reason", "content", "effect"):
        text = getattr(entry, name).strip()
        if not text or len(text) > LONGEST_PART:
            raise RefusedError(
                "announcement_part",
                f"{name}: say in 1 to {LONGEST_PART} characters what changed, why, what holds now and what "
                "it does; nobody was told.",
                variant=name,
                longest=LONGEST_PART,
            )
        refuse_personal(text)
    with store.unit() as uow:
        people = [a for a in uow.people.all() if a.team == team and a.agent != by]
        made = uow.announcements.add(
            team,
            what=entry.what.strip(),
            reason=entry.reason.strip(),
            content=entry.content.strip(),
            effect=entry.effect.strip(),
            readers=[a.agent for a in people],
            by=by,
            now=now,
        )
        uow.audit.add(by, "announced", f"announcement:{made.number}", {"readers": len(people)}, now)
        uow.outbox.post(
            Recipient(kind=RecipientKind.CHANNEL, name=settings.teams[team].channels["standup"], team=team),
            _card(made),
            f"announcement:{made.number}",
            now,
        )
        for person in people:
            if reachable(person):
                card = replace(_card(made), personal=True)
                uow.outbox.post(
                    Recipient.direct(person.agent, person.team),
                    card,
                    f"announcement:{made.number}:{person.agent}",
                    now,
                )
        uow.commit()
    return Standing(announcement=made, read=(), unread=tuple(Reader(agent=a.agent) for a in people))


def read(store: Store, number: AnnouncementId, agent: AgentId, *, now: datetime) -> bool:
    """Note that somebody has read it; False where it was noted before, or they were never asked."""
    with store.unit() as uow:
        _held(uow.announcements.get(number), number)
        done = uow.announcements.mark_read(number, agent, now)
        if done:
            uow.audit.add(agent, "announcement_read", f"announcement:{number}", {}, now)
        uow.commit()
    return done


def standing(store: Store, team: TeamId, *, limit: int = 5) -> list[Standing]:
    """The latest announcements of a team, the newest first; who has left the team is left out."""
    with store.read() as uow:
        active = {a.agent for a in uow.people.all()}
        found = []
        for made in uow.announcements.latest(team, limit):
            readers = [r for r in uow.announcements.readers(made.number) if r.agent in active]
            found.append(
                Standing(
                    announcement=made,
                    read=tuple(r for r in readers if r.read_at is not None),
                    unread=tuple(r for r in readers if r.read_at is None),
                )
            )
    return found


def ask_again(store: Store, *, now: datetime) -> int:
    """Whoever has not read it is asked again at the start of each shift; returns how many were."""
    with store.read() as look:
        waiting = look.announcements.unread_since(now - CHASED_FOR)
        if not waiting:
            return 0
        starts = {}
        for assignment in look.rosters.shifts_beginning(now - _SOON, now):
            starts[AgentId(assignment.agent)] = assignment.shift.start
    asked = 0
    for made, reader in waiting:
        start = starts.get(reader.agent)
        if start is None or start <= made.made_at:
            continue
        with store.unit() as uow:
            person = uow.people.get(reader.agent)
            if person is None or not reachable(person):
                continue
            if not uow.announcements.mark_asked(made.number, reader.agent, shift_start=start, now=now):
                continue
            card = replace(_card(made), personal=True, again=True)
            key = f"announcement:{made.number}:{reader.agent}:{start.isoformat()}"
            asked += uow.outbox.post(Recipient.direct(person.agent, person.team), card, key, now)
            uow.commit()
    return asked


def _held(found: Announcement | None, number: AnnouncementId) -> Announcement:
    if found is None:
        raise NotFoundError(
            "no_announcement",
            f"There is no announcement {number}; nothing was changed. See: /muster announce status",
            number=number,
        )
    return found


def _card(made: Announcement) -> AnnouncementCard:
    return AnnouncementCard(
        announcement=made.number,
        what=made.what,
        reason=made.reason,
        content=made.content,
        effect=made.effect,
        by=made.made_by,
        made_at=made.made_at,
    )
