"""Team Harbour: 24 agents in Shanghai, 6 in Lisbon; the people of the files `muster demo` writes.

Everybody is invented; the domain `harbour.example` is reserved for examples.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Final

ALERT_CHANNEL: Final = "harbour-alerts"
STANDUP_CHANNEL: Final = "harbour-standup"
ADMIN: Final = ("ada", "Ada Mendes", "ada@harbour.example")
PLANNER: Final = ("pei", "Pei Zhang", "pei@harbour.example")
"""Admin and planner work with Muster but are not on the roster."""

_SHANGHAI: Final = "Asia/Shanghai"
_LISBON: Final = "Europe/Lisbon"

_FRONT: Final = "phone:1.0;chat:1.0;product:0.9"
_BACK: Final = "chat:1.0;email:1.0;billing:0.9"
_ALL: Final = "phone:1.0;chat:1.0;email:1.0;product:0.8;billing:0.8"
_LEAD: Final = "phone:1.0;chat:1.0;email:1.0;complaint:1.0;lead:1.0;incident:1.0"

_LEADS: Final = (("lin", "Lin Wei"), ("mei", "Mei Huang"), ("rui", "Rui Chen"))
_FULL_TIME: Final = (
    ("an", "An Liu"),
    ("bo", "Bo Wang"),
    ("cai", "Cai Zhou"),
    ("dan", "Dan Wu"),
    ("fang", "Fang Xu"),
    ("gang", "Gang Sun"),
    ("hai", "Hai Ma"),
    ("jia", "Jia Zhu"),
    ("kai", "Kai Hu"),
    ("lan", "Lan Guo"),
    ("min", "Min He"),
    ("nan", "Nan Gao"),
    ("ping", "Ping Luo"),
    ("qing", "Qing Zheng"),
    ("rong", "Rong Liang"),
    ("shan", "Shan Xie"),
    ("tao", "Tao Song"),
)
_PART_TIME: Final = (("wen", "Wen Tang"), ("xia", "Xia Deng"), ("yan", "Yan Feng"), ("zhi", "Zhi Cao"))
_LISBON_TEAM: Final = (
    ("ana", "Ana Costa"),
    ("bruno", "Bruno Alves"),
    ("carla", "Carla Dias"),
    ("diogo", "Diogo Lopes"),
    ("eva", "Eva Pinto"),
    ("filipe", "Filipe Rocha"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A row of agents.csv."""

    agent: str
    name: str
    skills: str
    contract: str
    zone: str
    role: str = "agent"

    @property
    def email(self) -> str:
        return f"{self.agent}@harbour.example"


def people() -> Iterator[Person]:
    """The thirty of the roster, in the order of agents.csv."""
    for agent, name in _LEADS:
        yield Person(agent=agent, name=name, skills=_LEAD, contract="full-time", zone=_SHANGHAI, role="lead")
    for i, (agent, name) in enumerate(_FULL_TIME):
        skills = (_FRONT, _BACK, _ALL)[i % 3]
        yield Person(agent=agent, name=name, skills=skills, contract="full-time", zone=_SHANGHAI)
    for agent, name in _PART_TIME:
        yield Person(agent=agent, name=name, skills=_FRONT, contract="part-time", zone=_SHANGHAI)
    for agent, name in _LISBON_TEAM:
        yield Person(agent=agent, name=name, skills=_ALL, contract="lisbon-full-time", zone=_LISBON)


def write_agents(path: Path) -> None:
    """agents.csv as `muster import agents` reads it."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["agent", "name", "email", "team", "skills", "contract", "zone", "role"])
        for p in people():
            writer.writerow([p.agent, p.name, p.email, "harbour", p.skills, p.contract, p.zone, p.role])


def write_availability(path: Path) -> None:
    """Part-timers work mornings or afternoons; one is never there on Sunday."""
    rows: list[tuple[str, str, str, str]] = []
    for agent, start, end in (
        ("wen", "08:00", "14:00"),
        ("xia", "08:00", "14:00"),
        ("yan", "16:00", "22:00"),
    ):
        rows += [(agent, day, start, end) for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")]
    rows += [("zhi", day, "08:00", "22:00") for day in ("mon", "tue", "wed", "thu", "fri", "sat")]
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["agent", "weekday_or_date", "start", "end"])
        writer.writerows(rows)


def write_leave(path: Path, *, monday: date) -> None:
    """Two people away in the week that begins on ``monday``."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["agent", "start", "end", "kind"])
        writer.writerow(["cai", monday.isoformat(), (monday + timedelta(days=1)).isoformat(), "annual"])
        writer.writerow(
            [
                "eva",
                (monday + timedelta(days=4)).isoformat(),
                (monday + timedelta(days=4)).isoformat(),
                "training",
            ]
        )
