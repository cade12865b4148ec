"""Progress of an indicator towards a plan: three methods side by side, how stable the verdict is, what remains.

Takes observations and a plan; gives classes, tasks, clauses and the table of progress. May import indicators and what lies
below it.
"""
