"""The secret behind customer keys: the operator's, else one made once and kept (PS2)."""

from __future__ import annotations

import secrets

from sqlalchemy.orm import Session

from bot.store.bulk import insert_new
from bot.store.tables import KeyRow

_CUSTOMERS = "customers"


class Keys:
    """``given``: MUSTER_CUSTOMER_KEY; with it the database never holds the secret beside what it protects."""

    def __init__(self, session: Session, given: str | None) -> None:
        self._session = session
        self._given = given

    def customers(self) -> bytes | None:
        """The secret; None where none was ever needed."""
        if self._given is not None:
            return self._given.encode()
        row = self._session.get(KeyRow, _CUSTOMERS)
        return None if row is None else bytes.fromhex(row.value)

    def customers_or_new(self) -> bytes:
        """The secret, made where there is none; every replica gets the same one."""
        known = self.customers()
        if known is None:
            row = {"name": _CUSTOMERS, "value": secrets.token_hex(32)}
            insert_new(self._session, KeyRow, [row], keys=("name",), returning="name")
            known = self.customers()
        assert known is not None
        return known
