"""UnitOfWork: the one owner of a session, its commit and its repositories."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine
from sqlalchemy.orm import Session

from bot.store.action_items import ActionItems
from bot.store.adherence_choices import AdherenceChoices
from bot.store.alerts import Alerts
from bot.store.announcements import Announcements
from bot.store.audit import Audit
from bot.store.board import BoardCounts
from bot.store.board_posts import BoardPosts
from bot.store.calendar_links import CalendarLinks
from bot.store.campaigns import Campaigns
from bot.store.case_work import CaseWork
from bot.store.clocks import Clocks
from bot.store.contacts import Contacts
from bot.store.customers import Customers
from bot.store.diversions import Diversions
from bot.store.engine import reading
from bot.store.exception_windows import ExceptionWindows
from bot.store.forecasts import Forecasts
from bot.store.ideas import Ideas, KudosBook
from bot.store.improvements import Improvements
from bot.store.incidents import Incidents
from bot.store.job_slots import JobSlots
from bot.store.keys import Keys
from bot.store.knowledge import KnowledgeProposals, OwnPhrases
from bot.store.kpi_facts import KpiFacts
from bot.store.languages import LanguageChoices
from bot.store.misses import Misses
from bot.store.on_shift_places import OnShiftPlaces
from bot.store.outbox import Outbox
from bot.store.outlook import CountMarks, Episodes, LiveQueues, RiskCalls
from bot.store.people import People
from bot.store.person_choices import PersonChoices
from bot.store.presence import Presence
from bot.store.promises import Promises
from bot.store.queue_events import QueueEvents
from bot.store.records import Records
from bot.store.remote_answers import RemoteAnswers
from bot.store.requests import Requests
from bot.store.requirements import Requirements
from bot.store.retention import Sweeps
from bot.store.rosters import Rosters
from bot.store.runs import Runs
from bot.store.shift_reminders import ShiftReminders
from bot.store.slack_ids import SlackIds
from bot.store.sources import Sources
from bot.store.storms import Folds, Storms
from bot.store.survey_requests import SurveyRequests
from bot.store.surveys import Surveys
from bot.store.training import SkillRecords, Trainings
from bot.store.volumes import Volumes
from bot.store.weekly_reviews import WeeklyReviews
from bot.store.wishes import Wishes


class ReadUnit:
    """Everything one use case reads, as it is at one moment.  Not to be shared between threads."""

    def __init__(self, session: Session, customer_key: str | None = None) -> None:
        self._session = session
        self.action_items = ActionItems(session)
        self.adherence_choices = AdherenceChoices(session)
        self.alerts = Alerts(session)
        self.announcements = Announcements(session)
        self.audit = Audit(session)
        self.campaigns = Campaigns(session)
        self.case_work = CaseWork(session)
        self.board = BoardCounts(session)
        self.board_posts = BoardPosts(session)
        self.clocks = Clocks(session)
        self.contacts = Contacts(session)
        self.count_marks = CountMarks(session)
        self.customers = Customers(session)
        self.diversions = Diversions(session)
        self.episodes = Episodes(session)
        self.exception_windows = ExceptionWindows(session)
        self.forecasts = Forecasts(session)
        self.improvements = Improvements(session)
        self.incidents = Incidents(session)
        self.job_slots = JobSlots(session)
        self.kpi_facts = KpiFacts(session)
        self.live_queues = LiveQueues(session)
        self.misses = Misses(session)
        self.on_shift_places = OnShiftPlaces(session)
        self.outbox = Outbox(session)
        self.people = People(session)
        self.presence = Presence(session)
        self.records = Records(session, Keys(session, customer_key))
        self.promises = Promises(session)
        self.queue_events = QueueEvents(session)
        self.requests = Requests(session)
        self.requirements = Requirements(session)
        self.risk_calls = RiskCalls(session)
        self.rosters = Rosters(session)
        self.runs = Runs(session)
        self.sweeps = Sweeps(session)
        self.sources = Sources(session)
        self.folds = Folds(session)
        self.storms = Storms(session)
        self.survey_requests = SurveyRequests(session)
        self.surveys = Surveys(session)
        self.volumes = Volumes(session)
        self.wishes = Wishes(session)
        self.shift_reminders = ShiftReminders(session)
        self.languages = LanguageChoices(session)
        self.slack_ids = SlackIds(session)
        self.calendar_links = CalendarLinks(session)
        self.knowledge_proposals = KnowledgeProposals(session)
        self.remote_answers = RemoteAnswers(session)
        self.ideas = Ideas(session)
        self.kudos = KudosBook(session)
        self.own_phrases = OwnPhrases(session)
        self.person_choices = PersonChoices(session)
        self.weekly_reviews = WeeklyReviews(session)
        self.trainings = Trainings(session)
        self.skill_records = SkillRecords(session)


class UnitOfWork(ReadUnit):
    """Everything one use case reads and writes, in one transaction.

    Nothing is kept unless ``commit`` is called; leaving the ``with`` block without it rolls back.
    """

    def commit(self) -> None:
        self._session.commit()

    def rollback(self) -> None:
        self._session.rollback()

    @contextmanager
    def part(self) -> Iterator[None]:
        """A part that fails alone: an error undoes what it did and leaves the rest of the unit."""
        with self._session.begin_nested():
            yield


class Store:
    """Opens units of work on one engine; lives as long as the process."""

    def __init__(self, engine: Engine, *, customer_key: str | None = None) -> None:
        """``customer_key``: the operator's secret behind customer keys; None for one kept in the database."""
        self._engine = engine
        self._customer_key = customer_key
        self._reading = reading(engine)

    @property
    def engine(self) -> Engine:
        return self._engine

    @property
    def writes_alone(self) -> bool:
        """Whether nobody writes beside a unit that writes (SQLite)."""
        return self._engine.dialect.name == "sqlite"

    @contextmanager
    def unit(self) -> Iterator[UnitOfWork]:
        """A fresh unit of work; rolled back unless committed."""
        with Session(self._engine, expire_on_commit=False) as session:
            yield UnitOfWork(session, self._customer_key)

    @contextmanager
    def read(self) -> Iterator[ReadUnit]:
        """For use cases that only look: waits for no writer, delays none, and the database refuses writes."""
        with Session(self._reading, expire_on_commit=False) as session:
            yield ReadUnit(session, self._customer_key)

    @contextmanager
    def rehearsal(self) -> Iterator[Store]:
        """A store on which everything works and nothing of it is kept after the block.

        One thread only.  On SQLite other writers wait meanwhile: keep it short.
        """
        with self._engine.connect() as connection:
            outer = connection.begin()
            try:
                yield _Rehearsal(self._engine, connection, self._customer_key)
            finally:
                outer.rollback()

    def close(self) -> None:
        self._engine.dispose()


class _Rehearsal(Store):
    """A store whose commits end in savepoints of one transaction."""

    def __init__(self, engine: Engine, connection: Connection, customer_key: str | None) -> None:
        super().__init__(engine, customer_key=customer_key)
        self._connection = connection

    @contextmanager
    def unit(self) -> Iterator[UnitOfWork]:
        with Session(
            bind=self._connection, expire_on_commit=False, join_transaction_mode="create_savepoint"
        ) as session:
            yield UnitOfWork(session, self._customer_key)

    @contextmanager
    def read(self) -> Iterator[ReadUnit]:
        with self.unit() as uow:
            yield uow

    def close(self) -> None:
        """The engine belongs to the store that was rehearsed on."""
