"""Disclosure control for linked tables of counts: which cells to withhold, and what an attacker learns from the rest."""

from minzheng.disclosure.auditing import Audit, Feasible, audit

__all__ = ["Audit", "Feasible", "audit"]
