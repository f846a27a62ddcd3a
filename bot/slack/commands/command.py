"""Command: one slash command as data, from which dispatch, help, manifest and suggestions are made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from difflib import get_close_matches

from bot.core.errors import NotAllowedError
from bot.core.ids import ContactRef, TeamId
from bot.core.people import Agent, Role, highest
from bot.core.permissions import Action, demand, is_unknown, least
from bot.core.privacy import FindingKind, refuse_personal
from bot.core.settings import Settings
from bot.i18n.catalog import Translator
from bot.i18n.formats import Formats
from bot.i18n.scripts import simplified
from bot.slack.blocks.form import FieldValue, Form
from bot.slack.blocks.kit import Content, code, message, section
from bot.slack.blocks.voice import Voice
from bot.slack.people import Names, People, Person
from bot.slack.pictures import Pictures
from bot.slack.uploads import Uploads
from bot.store.unit_of_work import Store

__all__ = ["Asked", "Command", "Desk", "Handler", "Subcommand", "allows", "help_key", "offered", "run"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What commands and buttons work with; lives as long as the process.  ``nudge`` wakes the delivery, and
    other ticks by name.

    ``public_url``: where people's own programs reach the HTTP port, without a slash at the end.  ``pictures``
    posts them and ``uploads`` fetches files; None where there is no Slack for it.  ``diverts``: whether a
    system is known that diverts contacts.
    """

    store: Store
    settings: Settings
    people: People
    names: Names
    nudge: Callable[..., None]
    public_url: str | None = None
    pictures: Pictures | None = None
    uploads: Uploads | None = None
    diverts: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request: who, what, when, and the words to answer in.

    ``fields`` and ``metadata`` are those of the modal that was sent or whose button was pressed.
    ``pressed_at``: when a button was, by Slack's clock.
    """

    person: Person
    argument: str
    now: datetime
    t: Translator
    f: Formats
    desk: Desk
    fields: Mapping[str, FieldValue] = field(default_factory=dict)
    metadata: str = ""
    pressed_at: datetime | None = None

    @property
    def voice(self) -> Voice:
        return Voice(
            t=self.t,
            f=self.f,
            now=self.now,
            settings=self.desk.settings,
            person=self.desk.names,
            direct=True,
        )

    def need(
        self,
        action: Action,
        *,
        ref: str | None = None,
        team: TeamId | None = None,
        person: Agent | None = None,
    ) -> None:
        """Raise NotAllowedError unless this person may (`bot.core.permissions`).

        ``ref`` or ``team``: whose case; ``person``: whose figures.  A case nobody knows is nobody's:
        whatever is asked about it finds nothing.
        """
        if ref is not None:
            with self.desk.store.read() as uow:
                contact = uow.contacts.get(ContactRef(ref))
            queue = None if contact is None else self.desk.settings.queues.get(contact.queue)
            team = None if queue is None else queue.team
        demand(action, self.person.rights, team=team, person=person)


Handler = Callable[[Asked], Content | Form]
"""What a subcommand answers: a message, or a modal to open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subcommand:
    """``aliases`` are other words for it, in any language; ``usage`` what may follow it (for leads).

    The line of the help is the catalogue's ``command.<command>.<name>``, for leads and above
    ``..._lead`` where there is one.  Subcommands of a ``group`` share one line of the help.  Personal data
    in what follows is refused unless ``accepts`` has its kind.  ``action``: what the table of permissions
    says of it; ``role`` where it has no entry there.
    """

    name: str
    answer: Handler
    aliases: tuple[str, ...] = ()
    usage: str = ""
    lead_usage: str = ""
    role: Role = Role.AGENT
    action: Action | None = None
    group: str = ""
    accepts: frozenset[FindingKind] = frozenset()

    @property
    def least(self) -> Role:
        """The role somebody needs to see it in the help and to use it."""
        return self.role if self.action is None else highest(self.role, least(self.action))


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A slash command.  Without a word after it the ``default`` subcommand answers.

    ``borrowed``: subcommands of another command that answer here as well; the help of all lists them there.
    """

    name: str
    default: str
    subcommands: tuple[Subcommand, ...]
    borrowed: tuple[Subcommand, ...] = ()

    @property
    def every(self) -> tuple[Subcommand, ...]:
        """All that answer here, its own first."""
        return (*self.subcommands, *self.borrowed)

    def find(self, word: str) -> Subcommand | None:
        wanted = simplified(word).casefold()
        for subcommand in self.every:
            if wanted == subcommand.name or wanted in subcommand.aliases:
                return subcommand
        return None

    def nearest(self, word: str, person: Person) -> str | None:
        """The word that was probably meant, of those this person may use."""
        known = [
            name
            for subcommand in self.every
            if offered(subcommand, person)
            for name in (subcommand.name, *subcommand.aliases)
        ]
        close = get_close_matches(word.casefold(), known, n=1, cutoff=0.6)
        return close[0] if close else None


def allows(role: Role, needed: Role) -> bool:
    """Whether a role may do what needs another: each role may do what the ones before it may.

    >>> allows(Role.PLANNER, Role.LEAD), allows(Role.AGENT, Role.LEAD)
    (True, False)
    """
    return role.rank >= needed.rank


def help_key(command: Command, subcommand: Subcommand, role: Role, t: Translator) -> str:
    """The entry that says what a subcommand does for somebody of this role: leads may do more with some."""
    key = f"command.{command.name.removeprefix('/')}.{subcommand.name}"
    if not t.has(key):
        key = f"command.muster.{subcommand.name}"  # borrowed
    more = f"{key}_lead"
    return more if allows(role, Role.LEAD) and t.has(more) else key


def offered(subcommand: Subcommand, person: Person) -> bool:
    """Whether this person could use a subcommand at all: the help and the suggestions name no other.

    Whom no file names has no shifts to tell of and no team's cases; linking is open to everybody.
    """
    if not allows(person.role, subcommand.least):
        return False
    return not is_unknown(person.rights) or subcommand.action in (None, Action.LINK_SELF)


def run(command: Command, asked: Asked) -> Content | Form:
    """Answer what was typed after the command.  Raises MusterError, DeliveryError."""
    word, _, rest = asked.argument.strip().partition(" ")
    subcommand = command.find(word or command.default)
    if subcommand is None:
        return _unknown(command, word, asked)
    if not allows(asked.person.role, subcommand.least):
        raise NotAllowedError(
            "role_needed",
            f"{command.name} {subcommand.name} needs the role {subcommand.least.value}; nothing was changed.",
            command=f"{command.name} {subcommand.name}",
            role=asked.t.text(f"label.role.{subcommand.least.value}"),
            action=f"{command.name} {subcommand.name}",
        )
    if subcommand.action is not None:
        # Somebody in no team has no cases at all; whose case it is, the command itself asks.
        asked.need(subcommand.action)
    # At the one door of all commands (PS1): what is refused here is not stored, logged or repeated by any.
    refuse_personal(rest, allow=subcommand.accepts)
    return subcommand.answer(replace(asked, argument=rest.strip()))


def _unknown(command: Command, word: str, asked: Asked) -> Content:
    refuse_personal(asked.argument)
    typed = code(f"{command.name} {word}")
    near = command.nearest(word, asked.person)
    if near is not None:
        text = asked.t.text("command.did_you_mean", typed=typed, suggestion=code(f"{command.name} {near}"))
        return message([section(text)])
    known = [code(f"{command.name} {s.name}") for s in command.every if offered(s, asked.person)]
    return message([section(asked.t.text("command.unknown", typed=typed, known=asked.f.join(known)))])
