"""Folders of files with a head, as packs of words and of runbooks are."""

from __future__ import annotations

from pathlib import Path

__all__ = ["put"]


def put(folder: Path, text: str, name: str) -> Path:
    """A file below the folder."""
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file
