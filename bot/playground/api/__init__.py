"""The Web API: one module per family of methods, each a plain function (workspace, arguments) -> answer."""

from bot.playground.api.calls import Answer, dispatch

__all__ = ["Answer", "dispatch"]
