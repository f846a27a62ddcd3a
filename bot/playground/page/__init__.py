"""The stand-in as a page in the browser: a small Slack on 127.0.0.1 for people who have no workspace.

Like the rest of the stand-in it knows nothing of Muster: words, commands and levers are handed in.
"""

from bot.playground.page.scene import Happened, Hint, Lever, Player, Scene
from bot.playground.page.server import Page, PortTakenError

__all__ = ["Happened", "Hint", "Lever", "Page", "Player", "PortTakenError", "Scene"]
