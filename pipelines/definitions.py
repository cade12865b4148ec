"""Everything Dagster loads. Imports stay light: no Great Expectations, plotly or pandas before a step runs."""

import warnings

import dagster as dg

warnings.filterwarnings("ignore", category=dg.BetaWarning)
warnings.filterwarnings("ignore", category=dg.PreviewWarning)

from assets.checks import quality_checks  # noqa: E402
from assets.indicator import indicator  # noqa: E402
from assets.lead import lead  # noqa: E402
from assets.plan import PAGES, plan_progress  # noqa: E402
from assets.publication import draft  # noqa: E402
from assets.raw import RAW_DATASETS, raw_file  # noqa: E402
from assets.register import register  # noqa: E402
from assets.resources import HomeResource  # noqa: E402
from assets.scrubbing import keep_private  # noqa: E402
from pipelines.acts import return_complete  # noqa: E402
from pipelines.automation import SCHEDULES, SENSORS  # noqa: E402
from pipelines.jobs import JOBS  # noqa: E402

keep_private()

defs = dg.Definitions(
    assets=[raw_file, *RAW_DATASETS, register, lead, indicator, plan_progress, *PAGES, draft],
    asset_checks=[quality_checks, return_complete],
    jobs=JOBS,
    sensors=SENSORS,
    schedules=SCHEDULES,
    resources={"home": HomeResource()},
)
