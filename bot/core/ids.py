"""Identifiers, so that one kind cannot be handed over as another."""

from __future__ import annotations

from typing import NewType

ContactRef = NewType("ContactRef", str)
"""The case's public id (`GD20231027001`, or `zendesk:1001` from a connector); unique in an installation."""
AgentId = NewType("AgentId", str)
"""The `agent` column of agents.csv."""
QueueId = NewType("QueueId", str)
TeamId = NewType("TeamId", str)
AlertId = NewType("AlertId", int)
RosterId = NewType("RosterId", int)
RunId = NewType("RunId", int)
MessageId = NewType("MessageId", int)
StormId = NewType("StormId", int)
WindowId = NewType("WindowId", int)
"""A declared exception window."""
PromiseId = NewType("PromiseId", int)
ActionItemId = NewType("ActionItemId", int)
ReviewId = NewType("ReviewId", int)
ProposalId = NewType("ProposalId", int)
"""Words proposed for the knowledge pack."""
AnswerId = NewType("AnswerId", int)
"""A stand-up answer of somebody who was not there."""
IdeaId = NewType("IdeaId", int)
KudosId = NewType("KudosId", int)
TrainingId = NewType("TrainingId", int)
"""A training or a talk that was held."""
SkillRecordId = NewType("SkillRecordId", int)
IncidentId = NewType("IncidentId", int)
"""Of a drill as well."""
EventId = NewType("EventId", int)
CampaignId = NewType("CampaignId", int)
AnnouncementId = NewType("AnnouncementId", int)
"""A dated event that acts on the volume of queues."""
