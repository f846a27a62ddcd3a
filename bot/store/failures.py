"""Database errors in Muster's own words."""

from __future__ import annotations

from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError, ProgrammingError

from bot.core.errors import MusterError, UnavailableError

__all__ = ["as_muster_error", "is_temporary"]


def as_muster_error(error: BaseException) -> MusterError | None:
    """UnavailableError for a database that does not answer or stays locked; None for any other error.

    The text names no address and no password: drivers put both into their messages.
    """
    if isinstance(error, (IntegrityError, ProgrammingError)):
        return None
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return _unavailable("connection lost")
    if isinstance(error, (OperationalError, InterfaceError)):
        return _unavailable(_reason(str(error.orig)))
    return None


def is_temporary(error: BaseException) -> bool:
    """Whether the database failed in a way that the same statement may not meet again."""
    known = as_muster_error(error)
    return known is not None and known.temporary


def _unavailable(reason: str) -> UnavailableError:
    return UnavailableError(
        "database_unavailable",
        f"the database does not answer ({reason}); nothing was changed. "
        "Check MUSTER_DATABASE_URL and try again.",
        reason=reason,
    )


def _reason(text: str) -> str:
    lowered = text.lower()
    for sign, reason in (
        ("database is locked", "locked by another process"),
        ("unable to open database file", "the file cannot be opened"),
        ("not a database", "the file is not a database"),
        ("readonly database", "the file is read-only"),
        ("disk is full", "the disk is full"),
        ("password authentication failed", "password refused"),
        ("does not exist", "no such database or user"),
        ("connection refused", "connection refused"),
        ("could not translate host name", "unknown host"),
        ("failed to resolve host", "unknown host"),
        ("timeout", "no answer in time"),
        ("deadlock detected", "in each other's way with another process"),
    ):
        if sign in lowered:
            return reason
    return "connection failed"
