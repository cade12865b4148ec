"""What a published number was counted from, as a table for analysts."""

import polars as pl

from minzheng.warehouse.lineage import FILES, SOURCES, trace

LINEAGE = {
    "dataset": pl.String,
    "title": pl.String,
    **{name: SOURCES[name] for name in ("window", "required")},
    **{name: kind for name, kind in FILES.items() if name not in ("dataset", "failed_rules")},
    "rules": pl.List(pl.String),
}


def lineage_table(
    sources: pl.DataFrame, files: pl.DataFrame, code: str, area: str, month: str
) -> pl.DataFrame:
    """A row per dataset and file in force behind the number; datasets without a file have null there (`LINEAGE` columns)."""
    rows = []
    for part in trace(sources, files, code, area, month)["datasets"]:
        facts = {
            "title": part["title_zh"],
            **{name: part[name] for name in ("dataset", "window", "required", "rules")},
        }
        rows += [{**file, **facts} for file in part["files"]] or [facts]
    models = sources.filter(pl.col("indicator_id") == code)["models"].head(1).to_list()
    told = [name for name in (models[0] or "").split(",") if name] if models else []
    frame = pl.DataFrame(rows, schema=LINEAGE).with_columns(
        models=pl.lit(told, dtype=pl.List(pl.String))
    )
    return frame.sort("dataset", "month", "township_code", nulls_last=True)
