"""Custody: the home, its keys, the vault, the ledger, the audit trail, and what may never leave.

Takes bytes and events; gives them back sealed or refuses. May import contracts.
"""
