"""A strict small Slack on loopback, for the tests, the demo and the playground.

It speaks Slack's Web API over real HTTP, Socket Mode over real sockets and signed requests, refuses what
Slack refuses (`workspace.refusals`), and notes where Muster breaks its own rules (`workspace.complaints`).
It knows nothing of the rest of Muster.
"""

from bot.playground.driver import StandInSlack
from bot.playground.errors import SlackError
from bot.playground.faults import Fault, FaultKind, Faults
from bot.playground.http_mode import Forgery
from bot.playground.model import Channel, Message, User, View
from bot.playground.outcome import Outcome
from bot.playground.person import Person
from bot.playground.rates import RateLimits
from bot.playground.records import ApiCall, Complaint, ComplaintKind, Delivery, EarlyRetry, Refusal
from bot.playground.render import render_text, render_view
from bot.playground.values import NotPossible
from bot.playground.workspace import AppSettings, Workspace

__all__ = [
    "ApiCall",
    "AppSettings",
    "Channel",
    "Complaint",
    "ComplaintKind",
    "Delivery",
    "EarlyRetry",
    "Fault",
    "FaultKind",
    "Faults",
    "Forgery",
    "Message",
    "NotPossible",
    "Outcome",
    "Person",
    "RateLimits",
    "Refusal",
    "SlackError",
    "StandInSlack",
    "User",
    "View",
    "Workspace",
    "render_text",
    "render_view",
]
