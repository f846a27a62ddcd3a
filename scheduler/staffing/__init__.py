"""From volumes to the number of agents each interval needs."""

from scheduler.staffing.assurance import Assurance
from scheduler.staffing.explanation import QueueModel, StaffingExplanation, StaffingStep, explain
from scheduler.staffing.gap import Gap, agents_per_interval, gap
from scheduler.staffing.pooling import Pooling, TargetedLoad, pool, poolings
from scheduler.staffing.price_list import Price, PriceList, price_list
from scheduler.staffing.promised import PromisedWork
from scheduler.staffing.requirement import ImpossibleInterval, Requirement, base_agents, requirement
from scheduler.staffing.shrinkage import ShrinkageCause, ShrinkagePlan, scheduled_agents
from scheduler.staffing.workload import Workload

__all__ = [
    "Assurance",
    "Gap",
    "ImpossibleInterval",
    "Pooling",
    "Price",
    "PriceList",
    "PromisedWork",
    "QueueModel",
    "Requirement",
    "ShrinkageCause",
    "ShrinkagePlan",
    "StaffingExplanation",
    "StaffingStep",
    "TargetedLoad",
    "Workload",
    "agents_per_interval",
    "base_agents",
    "explain",
    "gap",
    "pool",
    "poolings",
    "price_list",
    "requirement",
    "scheduled_agents",
]
