"""/muster kb: better words put before the keepers of the knowledge, and what waits there (KN4)."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Final

from slack_sdk.models.blocks import Block

from bot.core.errors import RefusedError
from bot.core.ids import ProposalId
from bot.core.knowledge import SnippetKind, find
from bot.core.knowledge_proposals import LONGEST_KEY, LONGEST_TEXT, LONGEST_TITLE, Draft
from bot.core.permissions import Action
from bot.core.proposal_messages import ProposalMade
from bot.slack.blocks import proposals as look
from bot.slack.blocks.form import Form, as_text, choice, text_field
from bot.slack.blocks.kit import Content, actions, button, code, message, section
from bot.slack.commands.command import Asked, Subcommand
from bot.slack.commands.say import known_snippets
from bot.slack.commands.swap import own
from bot.usecases import propose_knowledge

__all__ = ["BUTTONS", "FORMS", "KB"]

_PROPOSE: Final = frozenset({"propose", "new", "提议", "建议"})
_SHOWN: Final = 5
FORM: Final = "kb.form"
WHY: Final = "kb.why"


def kb(asked: Asked) -> Content | Form:
    """``propose [KEY]`` opens the form, with the words that stand now; alone what waits for a keeper."""
    word, _, rest = asked.argument.strip().partition(" ")
    if word.casefold() in _PROPOSE:
        return form(asked, rest.strip())
    if word:
        raise RefusedError("kb_usage", "Write /muster kb propose [KEY]; nothing was changed.")
    found = propose_knowledge.open_proposals(asked.desk.store)
    press = actions("kb", button(asked.t.text("kb.button.propose"), action=look.PROPOSE, value="-"))
    head = section(asked.t.plural("kb.open", len(found)))
    if not propose_knowledge.is_keeper(asked.desk.settings, asked.person.email, asked.person.role):
        return message([head, press])
    blocks: list[Block] = [head, press]
    for one in found[:_SHOWN]:
        draft = one.draft
        made = ProposalMade(
            proposal=one.proposal,
            key=draft.key,
            kind=draft.kind.value,
            locale=draft.locale,
            title=draft.title,
            text=draft.text,
            by=one.by,
        )
        blocks += look.blocks(made, asked.voice)
    return message(blocks, shortened=asked.t.text("message.shortened"))


def form(asked: Asked, key: str) -> Form:
    """The form for words, begun with those of the key."""
    own(asked)
    t, locale = asked.t, asked.t.locale.replace("Hant", "Hans")
    held = find(known_snippets(asked), key, locale) if key else None
    languages = [("en", t.text("kb.language.en")), ("zh-Hans", t.text("kb.language.zh"))]
    kinds = [(k.value, t.text(f"knowledge.kind.{k.value}")) for k in SnippetKind]
    kind = SnippetKind.PHRASE if held is None else held.kind
    fields: list[Block] = [
        text_field(
            "key",
            t.text("kb.field.key"),
            value=key if held is None else held.key,
            hint=t.text("kb.hint.key"),
            optional=False,
            longest=LONGEST_KEY,
        ),
        choice("kind", t.text("kb.field.kind"), kinds, value=kind.value, optional=False),
        choice(
            "locale",
            t.text("kb.field.language"),
            languages,
            value=locale if held is None else held.locale,
            optional=False,
        ),
        text_field(
            "title",
            t.text("kb.field.title"),
            value="" if held is None else held.title,
            optional=False,
            longest=LONGEST_TITLE,
        ),
        text_field(
            "text",
            t.text("kb.field.text"),
            value="" if held is None else held.text,
            hint=t.text("kb.hint.text"),
            long=True,
            optional=False,
            longest=LONGEST_TEXT,
        ),
    ]
    return Form(
        callback=FORM,
        title=t.text("kb.form.title"),
        submit=t.text("kb.form.send"),
        close=t.text("form.close"),
        blocks=fields,
    )


def submitted(asked: Asked) -> Content:
    """What stands in the form."""
    fields = {name: as_text(asked.fields.get(name)) for name in ("key", "kind", "locale", "title", "text")}
    draft = Draft(
        key=fields["key"],
        kind=SnippetKind(fields["kind"]),
        locale=fields["locale"],
        title=fields["title"],
        text=fields["text"],
    )
    made = propose_knowledge.propose(
        asked.desk.store, asked.desk.settings, draft, by=own(asked), now=asked.now
    )
    asked.desk.nudge()
    return message([section(asked.t.text("kb.proposed", key=code(made.draft.key)))])


def accept(asked: Asked) -> Content:
    return _decided(asked, asked.argument, take=True, reason="")


def reject(asked: Asked) -> Form:
    """A form for the reason."""
    t = asked.t
    return Form(
        callback=WHY,
        title=t.text("kb.form.why"),
        submit=t.text("kb.button.reject"),
        close=t.text("form.close"),
        blocks=[text_field("reason", t.text("kb.field.reason"), optional=False, longest=200)],
        metadata=json.dumps({"proposal": asked.argument}),
    )


def rejected(asked: Asked) -> Content:
    number = str(json.loads(asked.metadata)["proposal"])
    return _decided(asked, number, take=False, reason=as_text(asked.fields.get("reason")))


def _decided(asked: Asked, number: str, *, take: bool, reason: str) -> Content:
    after = propose_knowledge.decide(
        asked.desk.store,
        asked.desk.settings,
        ProposalId(int(number) if number.isdigit() else 0),
        take=take,
        reason=reason,
        by=asked.person.actor,
        email=asked.person.email,
        role=asked.person.role,
        now=asked.now,
    )
    asked.desk.nudge()
    key = "kb.taken" if take else "kb.not_taken"
    return message([section(asked.t.text(key, key=code(after.draft.key), version=after.version))])


BUTTONS: Final[Mapping[str, Callable[[Asked], Content | Form | None]]] = {
    look.PROPOSE: lambda asked: form(asked, "" if asked.argument == "-" else asked.argument),
    look.ACCEPT: accept,
    look.REJECT: reject,
}
FORMS: Final[Mapping[str, Callable[[Asked], Content | Form | None]]] = {FORM: submitted, WHY: rejected}

KB: Final = Subcommand(
    name="kb",
    answer=kb,
    aliases=("knowledge", "知识", "知识库"),
    usage="[propose [KEY]]",
    action=Action.OWN_SHIFTS,
    group="cases",
)
"""Subcommand of /muster."""
