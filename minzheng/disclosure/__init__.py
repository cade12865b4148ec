"""Disclosure control for linked tables of counts: what to withhold, and what an attacker learns from the rest."""

from minzheng.disclosure.auditing import Audit, Feasible, audit
from minzheng.disclosure.protecting import Protection, protect

__all__ = ["Audit", "Feasible", "Protection", "audit", "protect"]
