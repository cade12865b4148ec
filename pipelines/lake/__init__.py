"""Beyond one machine: Spark carries a lake's county-months to its workers, DuckDB computes them there with the same SQL.

`county` and `across` are what a task does, `worker` how a process begins one, `cluster` how a run asks for them.
"""
