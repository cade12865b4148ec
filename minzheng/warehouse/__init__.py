"""Warehouse: the DuckDB file, its register of rows in force, stale months and lineage.

Takes accepted rows; gives tables, whole months in one transaction. May import contracts and custody.
"""
