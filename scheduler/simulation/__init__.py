"""Plays a roster contact by contact, and certifies it."""

from scheduler.simulation.arrivals import PathsHold
from scheduler.simulation.attendance import Attendance, attendance
from scheduler.simulation.certificate import (
    Certificate,
    Comparison,
    PeakJudgement,
    QueueComparison,
    certify,
    certify_against,
)
from scheduler.simulation.contacts import Contacts, HandlingShape, PlayedQueue, given
from scheduler.simulation.engine import Simulation
from scheduler.simulation.report import QueueReport, SimulationReport
from scheduler.simulation.staffed import StaffedTime, staffed_time

__all__ = [
    "Attendance",
    "Certificate",
    "Comparison",
    "Contacts",
    "HandlingShape",
    "PathsHold",
    "PeakJudgement",
    "PlayedQueue",
    "QueueComparison",
    "QueueReport",
    "Simulation",
    "SimulationReport",
    "StaffedTime",
    "attendance",
    "certify",
    "certify_against",
    "given",
    "staffed_time",
]
