"""The lead desk: persons missed, paid in error, twice or after death, found by rules that are data, kept as cases.

`compute` fills `lead.*` for the given months; `counts` and `trend` are what may be published; nothing here decides about
a person. Rules: `contracts/leads/*.yaml` and `sql/lead/*.sql`, one file each.
"""

from minzheng.leads.desk import counts, trend
from minzheng.leads.matching import compute
from minzheng.leads.rules import Rule, rules

__all__ = ["Rule", "compute", "counts", "rules", "trend"]
