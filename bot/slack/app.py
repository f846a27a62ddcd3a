"""The Bolt app: one AsyncApp for Socket Mode and HTTP, with every listener registered from tables."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.actions import alerts, breaks, cases, promises, remote, requests, uploads
from bot.slack.actions.people import link_me
from bot.slack.blocks import case_posts, causes, certificates, items, measures, planner
from bot.slack.blocks.alerts import ACKNOWLEDGE, GIVE, SNOOZE, UNDO, WHY
from bot.slack.blocks.form import Form
from bot.slack.blocks.kit import Content, code, message, section
from bot.slack.blocks.storms import ACKNOWLEDGE_STORM
from bot.slack.blocks.trial import PRESS
from bot.slack.commands import (
    action,
    announce,
    campaign,
    cause,
    coach,
    divert,
    ideas,
    incident,
    kb,
    load,
    measure,
    review,
    roster,
    roster_pictures,
    roster_publish,
    shift_calendar,
    surge,
    training,
    trial,
)
from bot.slack.commands.command import Asked
from bot.slack.commands.said import heard, heard_with_file
from bot.slack.commands.shift import LINK_ME
from bot.slack.commands.table import COMMANDS
from bot.slack.home import doors
from bot.slack.listeners import Frame
from bot.slack.modals import log
from bot.slack.web_api import api_url

__all__ = ["BUTTONS", "SlackIdentity", "async_client", "build_app"]

BUTTONS: Mapping[str, Callable[[Asked], Content | Form | None]] = {
    ACKNOWLEDGE: alerts.pressed,
    ACKNOWLEDGE_STORM: alerts.storm_pressed,
    SNOOZE: alerts.snoozed,
    UNDO: alerts.undone,
    WHY: alerts.why_pressed,
    GIVE[0]: alerts.given,
    GIVE[1]: alerts.given,
    LINK_ME: link_me,
    PRESS: trial.pressed,
    shift_calendar.LINK: shift_calendar.shift_calendar,
    shift_calendar.NEW: shift_calendar.new_link,
    shift_calendar.STOP: shift_calendar.stop_link,
    case_posts.LOG: cases.log,
    case_posts.SHOW: cases.show,
    case_posts.CONFIRMED: cases.confirmed,
    case_posts.ANSWERED: cases.answered,
    case_posts.SUMMARY: cases.summary,
    case_posts.UNBLOCKED: cases.unblocked,
    case_posts.GIVE: cases.give,
    case_posts.APPROVE: cases.approve,
    case_posts.DECLINE: cases.decline,
    case_posts.WORDS: cases.words,
    log.DRAFT: log.save_draft,
    items.NEW: action.new,
    items.ABOUT: action.about,
    items.GIVE: action.give,
    items.DONE: action.done,
    **ideas.BUTTONS,
    **kb.BUTTONS,
    **remote.BUTTONS,
    **review.BUTTONS,
    **training.BUTTONS,
    **coach.BUTTONS,
    **load.BUTTONS,
    measures.KEEP: measure.keep,
    measures.DROP: measure.drop,
    causes.CHOOSE: cause.choose,
    causes.LIST: cause.listing,
    causes.PROPOSED: cause.take_proposed,
    planner.SOLVE: roster.solve_pressed,
    planner.CANCEL: roster.cancel,
    certificates.CERTIFY: roster_publish.certify,
    certificates.COMPARE: roster_publish.diff,
    certificates.PUBLISH: roster_publish.publish,
    certificates.ACCEPT: roster_publish.accept,
    certificates.RETRY: roster_publish.retry,
    certificates.PICTURE: roster_pictures.picture,
    **announce.BUTTONS,
    **breaks.BUTTONS,
    **campaign.BUTTONS,
    **divert.BUTTONS,
    **incident.BUTTONS,
    **promises.BUTTONS,
    **requests.BUTTONS,
    **surge.BUTTONS,
    **doors.BUTTONS,
}
"""What each button does, by its action id."""

FORMS: Mapping[str, Callable[[Asked], Content | Form | None]] = {
    log.CALLBACK: log.submitted,
    action.CALLBACK: action.submitted,
    measure.CALLBACK: measure.submitted,
    measure.DROPPED: measure.dropped,
    **announce.FORMS,
    **campaign.FORMS,
    review.CALLBACK: review.submitted,
    **ideas.FORMS,
    **kb.FORMS,
    **remote.FORMS,
    **training.FORMS,
    **doors.FORMS,
    **incident.FORMS,
    roster_publish.CALLBACK: roster_publish.accepted,
}
"""What becomes of each modal that is sent, by its callback id."""

CALL_SECONDS = 8


@dataclass(slots=True)
class SlackIdentity:
    """Who the token belongs to; known once Slack has been reached."""

    team: str | None = None
    bot: str | None = None
    bot_user: str | None = None


def async_client(token: str, url: str | None) -> AsyncWebClient:
    """A client for the loop's own few calls: no retries of its own, and silent."""
    return AsyncWebClient(
        token=token, base_url=api_url(url), timeout=CALL_SECONDS, retry_handlers=[], logger=quiet_logger()
    )


def quiet_logger() -> logging.Logger:
    """Bolt and its client put bodies, and with them people's words, into their messages: not in ours."""
    logger = logging.getLogger("bot.slack.bolt")
    logger.setLevel(logging.CRITICAL)
    return logger


def build_app(frame: Frame, client: AsyncWebClient, identity: SlackIdentity) -> AsyncApp:
    """The app with every command and button.

    Signatures are not checked here but in `bot.slack.requests`, before Bolt sees a request.
    """

    async def authorize() -> AuthorizeResult:
        # Bolt would ask Slack before the first acknowledgement, which has three seconds.
        return AuthorizeResult(
            enterprise_id=None,
            team_id=identity.team,
            bot_token=client.token,
            bot_id=identity.bot,
            bot_user_id=identity.bot_user,
        )

    app = AsyncApp(
        name="muster",
        client=client,
        authorize=authorize,
        request_verification_enabled=False,
        logger=quiet_logger(),
    )
    for command in COMMANDS:
        app.command(command.name)(frame.command(command))
    for action_id, work in BUTTONS.items():
        app.action(action_id)(frame.button(action_id, work))
    for callback, work in FORMS.items():
        app.view(callback)(frame.submission(callback, work))
    app.event("app_home_opened")(frame.home())
    app.event("message")(frame.direct_message(heard, with_file=heard_with_file))
    app.event("file_shared")(
        frame.file("file_shared", uploads.given, is_own=lambda user: user == identity.bot_user)
    )
    # A button of an older version, or of a message somebody forged: answered, never ignored.
    app.action(re.compile(""))(frame.button("unknown", _unknown_button))
    app.view(re.compile(""))(frame.submission("unknown", _unknown_button))
    return app


def _unknown_button(asked: Asked) -> Content:
    return message([section(asked.t.text("command.unknown_button", command=code("/muster help")))])
