"""Quality: the rules as data, their outcomes by one pass of SQL, the suites that Great Expectations judges, the ledgers.

The gate is `quality.gate`: `evaluate` fills the tables, `validate` asks Great Expectations. Great Expectations is imported when `validate` runs, never before.
"""
