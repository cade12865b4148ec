"""The month as the unit of everything: one partition a month from 2021-01, Beijing time."""

import dagster as dg

MONTHS = dg.MonthlyPartitionsDefinition(start_date="2021-01", fmt="%Y-%m", timezone="Asia/Shanghai", end_offset=1)
"""2021-01 is the first month of the 14th Five-Year plan; the current month is included, for files that come early."""

WHOLE_RANGE = dg.BackfillPolicy.single_run()
"""Many months go through one run: the models are set-based, and a run a month would pay Dagster's cost each time."""

WAREHOUSE_POOL = "warehouse"
"""Every step that opens the warehouse takes this pool, so that DuckDB has one writer."""
