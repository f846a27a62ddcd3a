"""The people's side of the week on both databases: kept once, counted right, gone with the person."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from threading import Barrier, Thread
from typing import Any

from sqlalchemy import Connection, event, text

from bot.core.ideas import IdeaState
from bot.core.ids import AgentId, ContactRef, ProposalId, QueueId
from bot.core.knowledge import SnippetKind
from bot.core.knowledge_proposals import Draft, ProposalState
from bot.core.own_figures import OwnFigures, own_figures
from bot.core.person_choices import Choice
from bot.core.retention import Area
from bot.core.satisfaction import Satisfaction, Scale
from bot.core.surveys import SurveyAnswer
from bot.core.weekly_reviews import Filled, Goal, GoalMeasure, ImprovementPoint
from bot.store.unit_of_work import Store
from tests.support.builders import TEAM, agent, at
from tests.support.own_week import solve_cases

BO, CHEN = AgentId("bo"), AgentId("chen")
FRIDAY = date(2026, 11, 27)
WEEK = timedelta(days=7)


def test_a_form_is_sent_once_and_comes_back_as_it_was_filled(store: Store) -> None:
    measured = OwnFigures(handled=20, aht=185.0, missing={"fcr": "no_customers", "csat": "no_answers"})
    filled = Filled(
        told={"aht": 185.0},
        points=(ImprovementPoint.BREVITY,),
        goals=(Goal(measure=GoalMeasure.AHT, value=180.0),),
    )
    with store.unit() as uow:
        number = uow.weekly_reviews.send(BO, TEAM, FRIDAY, measured, now=at(15, day=FRIDAY))
        assert number is not None
        assert uow.weekly_reviews.send(BO, TEAM, FRIDAY, measured, now=at(15, day=FRIDAY)) is None
        assert [r.review for r in uow.weekly_reviews.to_remind(FRIDAY)] == [number]
        assert uow.weekly_reviews.fill(number, filled, now=at(16, day=FRIDAY))
        assert not uow.weekly_reviews.mark_reminded(number, now=at(17, day=FRIDAY))
        uow.commit()
    with store.unit() as uow:
        held = uow.weekly_reviews.get(number)
        assert held is not None
        assert held.measured == measured
        assert held.filled == filled
        assert uow.weekly_reviews.latest(BO, before=FRIDAY) is None
        assert uow.weekly_reviews.to_remind(FRIDAY) == []
        assert uow.sweeps.sweep(Area.PRESENCE, at(16, day=FRIDAY), 10) == 1
        assert uow.weekly_reviews.get(number) is None


def test_the_week_is_counted_from_the_cases_of_one_agent(store: Store) -> None:
    start = at(9, day=FRIDAY)
    solve_cases(store, "bo", start, name="A", count=20, seconds=185.0, again=3, answers=(4, 4, 4, 4, 5))
    solve_cases(store, "chen", start, name="B", count=3, seconds=900.0)
    with store.read() as uow:
        found = own_figures(uow.weekly_reviews.solved(BO, start, start + timedelta(days=1), WEEK))
        assert uow.weekly_reviews.solved(BO, start - timedelta(days=1), start, WEEK).cases == ()
        assert uow.contacts.types_of(BO, start, start + timedelta(days=1)) == {"consult": 20}
    assert (found.handled, found.aht, found.fcr, found.csat) == (20, 185.0, 0.85, 4.2)


def test_a_survey_answer_stands_for_its_case_in_the_week(store: Store) -> None:
    start = at(9, day=FRIDAY)
    solve_cases(store, "bo", start, name="A", count=2, seconds=185.0, again=0, answers=(2,))
    with store.unit() as uow:
        week = uow.weekly_reviews.solved(BO, start, start + timedelta(days=1), WEEK)
        refs = [ContactRef(case.ref) for case in week.cases]
        uow.surveys.save(
            SurveyAnswer(
                key=f"file:{ref}",
                queue=QueueId("chat"),
                answered_at=at(12, day=FRIDAY),
                satisfaction=Satisfaction(scale=Scale.FIVE, value=value),
                ref=ref,
            )
            for ref, value in zip(refs, (5, 4), strict=True)
        )
        uow.commit()
    with store.read() as uow:
        found = own_figures(uow.weekly_reviews.solved(BO, start, start + timedelta(days=1), WEEK))
        said = uow.surveys.said_of(refs)
    assert found.csat == 4.5
    assert [said[ref].value for ref in refs] == [5, 4]


def test_choices_and_phrases_end_with_the_person(store: Store) -> None:
    with store.unit() as uow:
        uow.people.upsert(agent("bo"))
        assert uow.person_choices.wanted(BO, Choice.WEEKLY_REVIEW)
        assert not uow.person_choices.wanted(BO, Choice.KUDOS)
        uow.person_choices.keep(BO, Choice.WEEKLY_REVIEW, False, now=at(9))
        uow.person_choices.keep(BO, Choice.KUDOS, True, now=at(9))
        uow.own_phrases.keep(BO, "hello", "Good morning.", now=at(9))
        assert uow.person_choices.differing(Choice.WEEKLY_REVIEW) == {BO}
        assert uow.person_choices.differing(Choice.KUDOS) == {BO}
        uow.person_choices.keep(BO, Choice.WEEKLY_REVIEW, True, now=at(10))
        assert uow.person_choices.differing(Choice.WEEKLY_REVIEW) == set()
        uow.people.upsert(replace(agent("bo"), active=False))
        assert uow.own_phrases.of(BO) == {}
        assert uow.person_choices.differing(Choice.KUDOS) == set()


def test_a_proposal_is_decided_once_and_versions_count_by_key_and_language(store: Store) -> None:
    draft = Draft(key="refund", kind=SnippetKind.PHRASE, locale="en", title="Refund", text="On its way.")
    with store.unit() as uow:
        made = [uow.knowledge_proposals.add(draft, team=TEAM, by=BO, now=at(9)) for _ in range(3)]
        made.append(
            uow.knowledge_proposals.add(replace(draft, locale="zh-Hans"), team=TEAM, by=BO, now=at(9))
        )
        for one in (made[0], made[2], made[3]):
            assert uow.knowledge_proposals.decide(
                one.proposal, ProposalState.ACCEPTED, by="lin", reason=None, now=at(10)
            )
        rejected = made[1].proposal
        uow.knowledge_proposals.decide(rejected, ProposalState.REJECTED, by="lin", reason="no", now=at(10))
        assert not uow.knowledge_proposals.decide(
            rejected, ProposalState.ACCEPTED, by="lin", reason=None, now=at(11)
        )
        versions = [p.version for p in uow.knowledge_proposals.in_state(ProposalState.ACCEPTED)]
        assert versions == [1, 2, 1]
        # What was taken stays; what was not goes with time.
        assert uow.sweeps.sweep(Area.PRESENCE, at(12), 10) == 1
        assert uow.knowledge_proposals.get(rejected) is None


def test_texts_of_one_key_accepted_at_once_are_two_versions(store: Store) -> None:
    """Through two replicas: of texts with one version nobody could say which stands."""
    draft = Draft(key="refund", kind=SnippetKind.PHRASE, locale="en", title="Refund", text="On its way.")
    start = Barrier(6)

    def accept(proposal: ProposalId) -> None:
        start.wait()
        with store.unit() as uow:
            uow.knowledge_proposals.decide(
                proposal, ProposalState.ACCEPTED, by="lin", reason=None, now=at(10)
            )
            uow.commit()

    with store.unit() as uow:
        made = [uow.knowledge_proposals.add(draft, team=TEAM, by=BO, now=at(9)).proposal for _ in range(6)]
        uow.commit()
    threads = [Thread(target=accept, args=(proposal,)) for proposal in made]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.read() as uow:
        versions = [p.version for p in uow.knowledge_proposals.in_state(ProposalState.ACCEPTED)]
    assert sorted(versions) == [1, 2, 3, 4, 5, 6]


def test_ideas_thanks_and_answers_are_kept_until_their_time(store: Store) -> None:
    with store.unit() as uow:
        idea = uow.ideas.add("a wall", team=TEAM, by=BO, now=at(9), due_at=at(10))
        thanks = uow.kudos.add("it", team=TEAM, whom=BO, by=CHEN, now=at(9), shown_from=None)
        said = uow.remote_answers.add(TEAM, BO, FRIDAY, done="x", following="", blocked="", now=at(9))
        assert uow.kudos.shown_since(TEAM, at(8)) == []
        assert not uow.kudos.show(thanks.kudos, CHEN, now=at(9))
        assert uow.kudos.show(thanks.kudos, BO, now=at(9))
        assert [k.kudos for k in uow.kudos.shown_since(TEAM, at(9))] == [thanks.kudos]
        assert uow.ideas.answer(idea.idea, IdeaState.ADOPTED, by="lin", answer=None, now=at(10))
        assert not uow.ideas.answer(idea.idea, IdeaState.DECLINED, by="lin", answer="no", now=at(10))
        assert uow.ideas.open_of(TEAM) == []
        assert [a.answer for a in uow.remote_answers.to_tell(FRIDAY)] == [said.answer]
        assert uow.remote_answers.mark_told(said.answer, now=at(10))
        assert not uow.remote_answers.mark_told(said.answer, now=at(10))
        assert uow.sweeps.sweep(Area.PRESENCE, at(12), 10) == 3


def test_one_persons_week_is_found_by_its_index(store: Store) -> None:
    """The cost follows the person's week: neither database reads everybody's contacts."""
    start = at(9, day=FRIDAY)
    solve_cases(store, "bo", start, name="A", count=20, seconds=185.0)
    solve_cases(store, "chen", start, name="B", count=100, seconds=185.0)
    sqlite = store.engine.dialect.name == "sqlite"
    plans: list[str] = []

    def explained(
        connection: Connection, cursor: Any, statement: str, values: Any, context: Any, many: bool
    ) -> None:
        if "contacts.agent" in statement and not statement.startswith("EXPLAIN"):
            asking = f"EXPLAIN {'QUERY PLAN ' if sqlite else ''}{statement}"
            plans.append(" ".join(str(row) for row in connection.exec_driver_sql(asking, values)))

    with store.engine.begin() as connection:
        connection.execute(text("ANALYZE"))
    with store.read() as uow:
        if not sqlite:
            uow.kpi_facts._session.execute(text("SET LOCAL enable_seqscan = off"))
        event.listen(store.engine, "before_cursor_execute", explained)
        try:
            uow.weekly_reviews.solved(BO, start, start + timedelta(days=1), WEEK)
            uow.contacts.types_of(BO, start, start + timedelta(days=1))
        finally:
            event.remove(store.engine, "before_cursor_execute", explained)
    assert len(plans) == 2
    assert all("ix_contacts_agent_resolved_at" in plan for plan in plans), plans
