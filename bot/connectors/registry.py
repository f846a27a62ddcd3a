"""The list of connectors.  A new one is a module of this package and a line here."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, cast

if TYPE_CHECKING:
    from bot.connectors.connector import Connector

__all__ = ["CONNECTORS", "connector", "secret_variable"]

CONNECTORS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "zendesk": "bot.connectors.zendesk",
        "freshdesk": "bot.connectors.freshdesk",
        "intercom": "bot.connectors.intercom",
        "chatwoot": "bot.connectors.chatwoot",
    }
)
"""Name (in app.yaml, in addresses, as ``source`` of events) to the module, which is loaded when needed."""


def connector(name: str) -> Connector:
    """Raises KeyError for a name that is not in the list."""
    return cast("Connector", import_module(CONNECTORS[name]))


def secret_variable(name: str) -> str:
    """The environment variable that holds a connector's secret.

    >>> secret_variable("zendesk")
    'MUSTER_CONNECTOR_ZENDESK_SECRET'
    """
    return f"MUSTER_CONNECTOR_{name.upper()}_SECRET"
