"""Forecasts, kept frozen once made, and the staffing requirement made from the latest."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.tables.base import Base, BigId


class ForecastRow(Base):
    __tablename__ = "forecasts"
    __table_args__ = (Index("ix_forecasts_queue_made_at", "queue", "made_at"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    queue: Mapped[str]
    model: Mapped[str]
    made_at: Mapped[datetime]
    trained_until: Mapped[datetime]
    start: Mapped[datetime]
    interval_seconds: Mapped[int]
    count: Mapped[int]
    zone: Mapped[str]
    shared_by_week: Mapped[float]
    shared_by_day: Mapped[float]
    report: Mapped[dict[str, Any]]


class ForecastIntervalRow(Base):
    __tablename__ = "forecast_intervals"

    forecast_id: Mapped[int] = mapped_column(ForeignKey("forecasts.id", ondelete="CASCADE"), primary_key=True)
    start: Mapped[datetime] = mapped_column(primary_key=True)
    mean: Mapped[float]
    q05: Mapped[float]
    q10: Mapped[float]
    q25: Mapped[float]
    q50: Mapped[float]
    q75: Mapped[float]
    q90: Mapped[float]
    q95: Mapped[float]
    aht_seconds: Mapped[float]
    open: Mapped[bool]


class RequirementRow(Base):
    __tablename__ = "requirements"

    queue: Mapped[str] = mapped_column(primary_key=True)
    start: Mapped[datetime] = mapped_column(primary_key=True)
    interval_seconds: Mapped[int]
    base_agents: Mapped[int]
    scheduled_agents: Mapped[int]
    shrinkage: Mapped[float]
    made_at: Mapped[datetime]
    forecast_id: Mapped[int | None] = mapped_column(ForeignKey("forecasts.id", ondelete="SET NULL"))
