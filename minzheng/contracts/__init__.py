"""Contracts: the loaders of what `contracts/` says, one schema each, unknown keys refused.

Takes YAML and CSV files; gives typed, frozen objects. May import nothing but errors and months.
"""
