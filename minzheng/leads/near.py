"""Near matches: people on a partner list whose id number is on no roll, but who look like someone who is.

A second class beside the leads, scored and never merged. Splink (DuckDB, in memory) compares the sealed identities;
only keys and a score leave the memory. The weights are fixed, not trained: the same lists give the same scores, and a
county is too small to train on.
"""

from functools import cache

import duckdb
import polars as pl

from minzheng.contracts.datasets import read_yaml
from minzheng.contracts.paths import CONTRACTS
from minzheng.custody.home import Home
from minzheng.custody.keys import Keys
from minzheng.custody.vault import identities
from minzheng.warehouse.connection import transaction

ROLLS = ("dibao_roll", "tekun_roll", "child_roll", "pwd_roll", "elder_roll")
PARTNERS = ("pwd_card", "lowinc_register", "monitored_household", "medical_burden", "death_list")
# Below this probability a pair is not worth a clerk's look.
THRESHOLD = 0.5
# DuckDB counts the distance of texts in bytes, and a Chinese sign has three.
ONE_SIGN = 3
# Prior probability that two people of a county picked at random are one.
PRIOR = 1e-5


@cache
def _variants() -> dict[str, str]:
    spelling = {}
    for chosen, variants in read_yaml(CONTRACTS / "name_variants.yaml").items():
        spelling |= dict.fromkeys(variants, chosen)
    return spelling


def comparable_name(name: str | None) -> str | None:
    """The name without spaces and dots, each syllable in one spelling; None for a blank."""
    if not name:
        return None
    return "".join(_variants().get(sign, sign) for sign in name if sign not in " ··.•　") or None


def near_matches(rolls: pl.DataFrame, partners: pl.DataFrame) -> pl.DataFrame:
    """Pairs of different persons that may be one, best first.

    Both frames: dataset, person_key, person_id_no, person_name, township_code. Returns dataset_left, person_key_left (on a
    roll), dataset_right, person_key_right (on a partner list, on no roll), score 0-1, ground (id_number or name).
    """
    left, right = _people(rolls), _people(partners)
    right = right.join(left, on="person_key", how="anti")
    if left.is_empty() or right.is_empty():
        return pl.DataFrame(schema=_SCHEMA)
    scored = _score(left, right)
    sides = [
        people.select(
            "unique_id",
            pl.col("dataset").alias(f"dataset_{side}"),
            pl.col("person_key").alias(f"person_key_{side}"),
        )
        for side, people in (("left", left), ("right", right))
    ]
    return (
        scored.join(sides[0], left_on="left_id", right_on="unique_id")
        .join(sides[1], left_on="right_id", right_on="unique_id")
        .select(list(_SCHEMA))
        .sort("score", "person_key_left", "person_key_right", descending=[True, False, False])
    )


_SCHEMA = {
    "dataset_left": pl.String,
    "person_key_left": pl.String,
    "dataset_right": pl.String,
    "person_key_right": pl.String,
    "score": pl.Float64,
    "ground": pl.String,
}


def _people(rows: pl.DataFrame) -> pl.DataFrame:
    return (
        rows.filter(pl.col("person_id_no").is_not_null())
        .sort("person_key", "dataset")
        .unique("person_key", keep="first", maintain_order=True)
        .with_row_index("unique_id")
        .with_columns(
            id_number=pl.col("person_id_no"),
            birth=pl.col("person_id_no").str.slice(6, 8),
            name=pl.col("person_name").map_elements(comparable_name, return_dtype=pl.String),
            township=pl.col("township_code"),
        )
    )


def _score(left: pl.DataFrame, right: pl.DataFrame) -> pl.DataFrame:
    from splink import DuckDBAPI, Linker

    memory = duckdb.connect(config={"temp_directory": "", "autoinstall_known_extensions": False})
    try:
        columns = ["unique_id", "id_number", "birth", "name", "township"]
        api = DuckDBAPI(memory)
        frames = [
            api.register(side.select(columns).to_arrow(), dataset_display_name=name)
            for side, name in ((left, "a"), (right, "b"))
        ]
        linker = Linker(frames, _settings(), log_level="ERROR")
        pairs = (
            linker.inference.predict(threshold_match_probability=THRESHOLD)
            .as_duckdbpyrelation()
            .pl()
        )
    finally:
        memory.close()
    first_is_roll = pl.col("source_dataset_l") == "a"
    return pairs.select(
        pl.when(first_is_roll).then("unique_id_l").otherwise("unique_id_r").alias("left_id"),
        pl.when(first_is_roll).then("unique_id_r").otherwise("unique_id_l").alias("right_id"),
        pl.col("match_probability").alias("score"),
        pl.when(pl.col("mw_id_number") > 0)
        .then(pl.lit("id_number"))
        .otherwise(pl.lit("name"))
        .alias("ground"),
    )


def _settings():
    import splink.comparison_level_library as levels
    import splink.comparison_library as comparisons
    from splink import SettingsCreator, block_on

    def weigh(level, m: float, u: float):
        return level.configure(m_probability=m, u_probability=u)

    id_number = comparisons.CustomComparison(
        output_column_name="id_number",
        comparison_levels=[
            levels.NullLevel("id_number"),
            weigh(levels.DamerauLevenshteinLevel("id_number", 2), 0.70, 1e-5),
            weigh(levels.DamerauLevenshteinLevel("id_number", 3), 0.15, 1e-4),
            weigh(levels.ExactMatchLevel("birth"), 0.10, 5e-5),
            weigh(levels.ElseLevel(), 0.05, 0.99984),
        ],
    )
    name = comparisons.CustomComparison(
        output_column_name="name",
        comparison_levels=[
            levels.NullLevel("name"),
            weigh(levels.ExactMatchLevel("name"), 0.85, 0.002),
            weigh(levels.LevenshteinLevel("name", ONE_SIGN), 0.10, 0.02),
            weigh(levels.ElseLevel(), 0.05, 0.978),
        ],
    )
    township = comparisons.CustomComparison(
        output_column_name="township",
        comparison_levels=[
            levels.NullLevel("township"),
            weigh(levels.ExactMatchLevel("township"), 0.9, 0.25),
            weigh(levels.ElseLevel(), 0.1, 0.75),
        ],
    )
    return SettingsCreator(
        link_type="link_only",
        comparisons=[id_number, name, township],
        blocking_rules_to_generate_predictions=[
            block_on("birth"),
            block_on("name"),
            # A slip changes the check digit too; it stands in the year, between year and number, or in the number (birth).
            block_on("substr(id_number, 11, 7)"),
            block_on("substr(id_number, 1, 9)", "substr(id_number, 16, 2)"),
        ],
        probability_two_random_records_match=PRIOR,
        retain_matching_columns=False,
        retain_intermediate_calculation_columns=True,
    )


def find_near_matches(
    home: Home, keys: Keys, connection: duckdb.DuckDBPyConnection, month: str
) -> pl.DataFrame:
    """Replace the month's rows of `lead.near_match` and return them with both persons' id numbers and names: restricted."""

    rolls = identities(home, keys, connection, month, list(ROLLS))
    partners = identities(home, keys, connection, month, list(PARTNERS))
    pairs = near_matches(rolls, partners)
    keep_near_matches(connection, month, pairs)
    for side, frame in (("left", rolls), ("right", partners)):
        known = frame.select("person_key", "person_id_no", "person_name").unique(
            "person_key", keep="first"
        )
        named = {name: f"{name}_{side}" for name in known.columns}
        pairs = pairs.join(
            known.rename(named), on=f"person_key_{side}", how="left", maintain_order="left"
        )
    return pairs


def keep_near_matches(
    connection: duckdb.DuckDBPyConnection, month: str, pairs: pl.DataFrame
) -> int:
    """Write the pairs as the month's near matches, in one transaction; returns how many."""
    with transaction(connection):
        connection.execute("delete from lead.near_match where month = $month", {"month": month})
        rows = [(month, *row) for row in pairs.select(list(_SCHEMA)).iter_rows()]
        if rows:
            connection.executemany("insert into lead.near_match values (?, ?, ?, ?, ?, ?, ?)", rows)
    return len(rows)
