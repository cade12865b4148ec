"""The parts of a release that registry and quality tables give: names, areas, what arrived, what the checks said."""

from collections.abc import Mapping

import polars as pl

from minzheng.publish.frames import shape


def registered_indicators() -> pl.DataFrame:
    """One row per indicator of the registry: names, unit, decimals, direction, measure, definition in force last."""
    from minzheng.registry import registry

    rows = [
        {
            "indicator_id": code,
            "group": indicator.group,
            "name_zh": indicator.names.zh,
            "name_en": indicator.names.en,
            "unit_measure": indicator.unit,
            "decimals": indicator.decimals,
            "direction": indicator.direction,
            "measure": indicator.measure,
            "year_to_date": any(need.window == "year_to_date" for need in indicator.inputs)
            or any(item.kind == "flow" for item in indicator.items),
            "nature": indicator.nature,
            "definition_zh": indicator.definition.zh,
        }
        for code, indicator in registry().items()
    ]
    return shape("indicators", pl.DataFrame(rows, infer_schema_length=None))


def registered_areas() -> pl.DataFrame:
    """The county and its townships, by code."""
    from minzheng.registry import regions

    rows = [(region.code, region.name) for region in regions() if region.level in ("county", "township")]
    return shape("areas", pl.DataFrame(rows, schema=["code", "name_zh"], orient="row"))


def quality_frame(completeness: pl.DataFrame, outcome: pl.DataFrame, titles: Mapping[str, str]) -> pl.DataFrame:
    """The published quality table from `quality.completeness` and `quality.outcome`; `titles`: rule to Chinese name.

    Each expected dataset, month and township gives two rows: `completeness` fails when nothing came, `timeliness` when
    it came after the cut-off or not at all.
    """
    expected = completeness.filter(pl.col("expected"))
    came = pl.col("state") != "missing"
    in_time = pl.col("state").is_in(["on_time", "after_due"])
    arrivals = [
        expected.select(
            pl.col("month").alias("time_period"),
            "dataset",
            "township_code",
            pl.lit(rule).alias("rule_id"),
            pl.lit(title).alias("title_zh"),
            pl.lit("warn").alias("severity"),
            pl.lit(1, pl.Int64).alias("checked"),
            (~met).cast(pl.Int64).alias("failed"),
            pl.when(met).then(pl.lit("pass")).otherwise(pl.lit("fail")).alias("state"),
        )
        for rule, title, met in (("completeness", "已报送", came), ("timeliness", "按时报送", in_time))
    ]
    checks = outcome.select(
        pl.col("month").alias("time_period"),
        pl.col("suite").alias("dataset"),
        "township_code",
        "rule_id",
        pl.col("rule_id").replace_strict(dict(titles), default=None, return_dtype=pl.String).alias("title_zh"),
        "severity",
        "checked",
        "failed",
        "state",
    )
    return shape("quality", pl.concat([*arrivals, checks], how="vertical_relaxed"))
