"""Duties of whoever keeps personal records: audit trail, access report, erasure, retention, backup, change of keys."""
