"""Disclosure control for linked tables of counts: what to withhold, and what an attacker learns from the rest."""

from minzheng.disclosure.attacking import Attack, attack
from minzheng.disclosure.auditing import Audit, Feasible, audit
from minzheng.disclosure.protecting import Protection, protect
from minzheng.disclosure.releasing import apply
from minzheng.disclosure.reporting import SuppressionReport

__all__ = [
    "Attack",
    "Audit",
    "Feasible",
    "Protection",
    "SuppressionReport",
    "apply",
    "attack",
    "audit",
    "protect",
]
