"""Who does the work of `benchmarks.whole`, each in a process of its own: `python -m benchmarks.contestants NAME FOLDER`.

The work: read all monthly rolls of the folder, count the rows that break each of twelve rules, and tell twenty figures of the
last month. Each prints its answer as JSON; the rivals are written as their users write them, with what makes them fast.
Libraries are loaded by whoever uses them, so that no process pays for another's.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from itertools import product
from pathlib import Path

from minzheng.contracts.regions import county, townships
from minzheng.contracts.regions import regions as known_regions

DBT = Path(__file__).with_name("dbt")
"""The work as a project of dbt; plain DuckDB runs the same models."""
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECKS = "10X98765432"
SCHEMES, STATUSES = ["城市低保", "农村低保"], ["在保", "新增", "恢复", "停保"]
ACTIVE = STATUSES[:3]
MONTH = r"^\d{4}-\d{2}$"
Answer = dict[str, dict[str, int]]
"""Rules and figures, name to number."""


def areas() -> list[str]:
    """The county and its townships."""
    return [county(), *townships()]


def villages() -> list[str]:
    """The codes that a row may name."""
    return [one.code for one in known_regions() if one.level == "village"]


def floor(folder: Path) -> Answer:
    """What reading costs: DuckDB scans all columns and tells nothing."""
    import duckdb

    names = [name for name, *_ in duckdb.sql(f"describe {_scan(folder)}").fetchall()]
    duckdb.sql(f"""select {", ".join(f'max("{name}")' for name in names)} from {_scan(folder)}""").fetchall()  # fmt: skip
    return {}


def _scan(folder: Path) -> str:
    return f"(from read_csv('{folder}/*.csv', all_varchar = true, header = true))"


def plain_duckdb(folder: Path) -> Answer:
    """DuckDB, written well: one scan into a table in memory, ids checked once each, two queries."""
    import duckdb

    connection = duckdb.connect()
    connection.execute("create table village as select unnest($codes) as code", {"codes": villages()})  # fmt: skip
    connection.execute(f"create table roll as from {_scan(folder)}")
    connection.execute(f"create table judged as {_model('models/judged')}")
    broken = connection.execute(_model("rules")).fetchall()
    told = connection.execute(_model("models/figures")).fetchall()
    return _answer(dict(broken), {(area, name): value for area, name, value in told})


def _model(name: str) -> str:
    """A model of dbt as SQL for whoever has its tables."""
    return re.sub(r"\{\{ ref\('(\w+)'\) \}\}", r"\1", (DBT / f"{name}.sql").read_text(encoding="utf-8"))  # fmt: skip


def dbt_duckdb(folder: Path) -> Answer:
    """The same models and twelve tests by dbt, run and tested by one command of the program that MINZHENG_DBT names."""
    import duckdb

    project = shutil.copytree(DBT, folder.parent / "dbt")
    (project / "seeds").mkdir()
    (project / "seeds" / "village.csv").write_text("\n".join(["code", *villages()]), encoding="utf-8")  # fmt: skip
    command = [os.environ["MINZHENG_DBT"], "--quiet", "build", "--profiles-dir", "."]
    told = {"LANDING": str(folder), "PYTHONPATH": ""}
    subprocess.run(command, cwd=project, env=os.environ | told, stdout=sys.stderr, check=True)
    results = json.loads((project / "target" / "run_results.json").read_text(encoding="utf-8"))
    broken = {
        one["unique_id"].split(".")[2].removeprefix("no_row_judged_").strip("_"): one["failures"]
        for one in results["results"]
        if one["unique_id"].startswith("test.")
    }
    with duckdb.connect(str(project / "rolls.duckdb"), read_only=True) as connection:
        figures = connection.execute("from figures").fetchall()
    return _answer(broken, {(area, name): value for area, name, value in figures})


def _answer(rules: dict[str, int], figures: dict[tuple[str, str], int]) -> Answer:
    """The twelve counts and the twenty figures by name."""
    asked = [
        (area, name) for name, area in product(("rural", "urban", "rural_households"), areas())
    ]
    asked += [(county(), "urban_households"), (county(), "rural_women")]
    return {
        "rules": {name: int(count) for name, count in sorted(rules.items())},
        "figures": {f"{name} {area}": int(figures.get((area, name), 0)) for area, name in asked},
    }


def plain_polars(folder: Path) -> Answer:
    """Polars, written well: one lazy plan from the files, collected once as a frame of bits."""
    import polars as pl

    number = pl.col("身份证号")
    digits = [number.str.slice(place, 1).cast(pl.Int32, strict=False) for place in range(17)]
    weighed = pl.sum_horizontal(digit * weight for digit, weight in zip(digits, WEIGHTS, strict=True))  # fmt: skip
    check = (weighed % 11).replace_strict(dict(enumerate(CHECKS)), return_dtype=pl.String)
    return _in_polars(folder, pl, check.fill_null("") == number.str.slice(17, 1))


def parts(folder: Path) -> Answer:
    """Our own parts without the duties: the vectorised check of id numbers on each number once, the rest as Polars."""
    import polars as pl

    from minzheng.id_number import id_number_parts

    def valid(numbers: pl.Series) -> pl.Series:
        distinct = numbers.unique()
        known = pl.DataFrame({"number": distinct, "valid": id_number_parts(distinct)["valid"]})
        return numbers.to_frame("number").join(known, on="number", how="left", maintain_order="left")["valid"]  # fmt: skip

    return _in_polars(folder, pl, pl.col("身份证号").map_batches(valid, return_dtype=pl.Boolean))


def _in_polars(folder: Path, pl, valid) -> Answer:
    number, born = pl.col("身份证号"), pl.col("出生日期").str.to_date(strict=False)
    whole, odd = number.str.len_chars() == 18, number.str.slice(16, 1).is_in(list("13579"))
    rules = {
        "id_length": ~whole,
        "id_checksum": whole & ~pl.col("valid"),
        "id_birth_mismatch": pl.col("valid") & (born != number.str.slice(6, 8).str.to_date("%Y%m%d", strict=False)),
        "id_sex_mismatch": pl.col("valid") & ((pl.col("性别") == "男") != odd),
        "area_unknown": ~pl.col("行政区划代码").is_in(villages()),
        "blank_scheme": pl.col("救助类别").is_null(),
        "scheme_unknown": ~pl.col("救助类别").is_in(SCHEMES),
        "status_unknown": ~pl.col("状态").is_in(STATUSES),
        "date_format": born.is_null(),
        "month_format": ~pl.col("起始年月").str.contains(MONTH),
        "amount_format": pl.col("月保障金额").cast(pl.Float64, strict=False).is_null(),
        "number_format": pl.col("保障人口数").cast(pl.Int32, strict=False).is_null(),
    }  # fmt: skip
    rules = {name: rule.fill_null(False).alias(name) for name, rule in rules.items()}
    refused = pl.any_horizontal(name for name in rules if name != "id_sex_mismatch")
    kept = ["统计月份", "救助类别", "户编号"]
    township = pl.col("行政区划代码").str.slice(0, 9).alias("township")
    frame = (
        pl.scan_csv(f"{folder}/*.csv", infer_schema=False, null_values=[""])
        .with_columns(valid=valid)
        .select(*kept, township, pl.col("状态").is_in(ACTIVE).alias("active"), ~odd.alias("woman"), *rules.values())
        .collect()
    )  # fmt: skip
    broken = frame.select(pl.col(name).sum() for name in rules).row(0, named=True)
    last = frame.filter(~refused, pl.col("active"), pl.col("统计月份") == frame["统计月份"].max())
    figures = {}
    for area in areas():
        here = last if area == county() else last.filter(pl.col("township") == area)
        for name, scheme in (("urban", SCHEMES[0]), ("rural", SCHEMES[1])):
            of = here.filter(pl.col("救助类别") == scheme)
            figures[area, name] = of.height
            figures[area, f"{name}_households"] = of["户编号"].n_unique()
            figures[area, f"{name}_women"] = of["woman"].sum()
    return _answer(broken, figures)


def plain_pandas(folder: Path) -> Answer:
    """pandas as an analyst writes it."""
    return _figures_in_pandas(*_judged_in_pandas(_read_in_pandas(folder)))


def _read_in_pandas(folder: Path):
    import pandas as pd

    files = sorted(folder.glob("*.csv"))
    return pd.concat([pd.read_csv(file, dtype=str) for file in files], ignore_index=True)


def _valid_in_pandas(frame):
    import pandas as pd

    number = frame["身份证号"]
    digits = (pd.to_numeric(number.str[place], errors="coerce") * weight for place, weight in enumerate(WEIGHTS))  # fmt: skip
    check = (sum(digits) % 11).map(dict(enumerate(CHECKS)))
    return (number.str.len() == 18) & (check == number.str[17])


def _judged_in_pandas(frame):
    import pandas as pd

    number, valid = frame["身份证号"], _valid_in_pandas(frame)
    born = pd.to_datetime(frame["出生日期"], format="%Y-%m-%d", errors="coerce")
    inside = pd.to_datetime(number.str[6:14], format="%Y%m%d", errors="coerce")
    male = number.str[16].isin(list("13579"))
    scheme = frame["救助类别"]
    broken = {
        "id_length": number.str.len() != 18,
        "id_checksum": (number.str.len() == 18) & ~valid,
        "id_birth_mismatch": valid & born.notna() & (born != inside),
        "id_sex_mismatch": valid & ((frame["性别"] == "男") != male),
        "area_unknown": ~frame["行政区划代码"].isin(villages()),
        "blank_scheme": scheme.isna(),
        "scheme_unknown": scheme.notna() & ~scheme.isin(SCHEMES),
        "status_unknown": ~frame["状态"].isin(STATUSES),
        "date_format": born.isna(),
        "month_format": ~frame["起始年月"].str.match(MONTH),
        "amount_format": pd.to_numeric(frame["月保障金额"], errors="coerce").isna(),
        "number_format": pd.to_numeric(frame["保障人口数"], errors="coerce").isna(),
    }
    refused = pd.concat([rows for name, rows in broken.items() if name != "id_sex_mismatch"], axis=1).any(axis=1)  # fmt: skip
    return frame.assign(male=male)[~refused], {name: rows.sum() for name, rows in broken.items()}


def _figures_in_pandas(good, broken) -> Answer:
    month = good["统计月份"].max()
    last = good[(good["统计月份"] == month) & good["状态"].isin(ACTIVE)]
    last = last.assign(township=last["行政区划代码"].str[:9])
    figures = {}
    for area in areas():
        here = last if area == county() else last[last["township"] == area]
        for name, scheme in (("urban", SCHEMES[0]), ("rural", SCHEMES[1])):
            of = here[here["救助类别"] == scheme]
            figures[area, name] = len(of)
            figures[area, f"{name}_households"] = of["户编号"].nunique()
            figures[area, f"{name}_women"] = (~of["male"]).sum()
    return _answer(broken, figures)


def great_expectations(folder: Path) -> Answer:
    """Great Expectations on pandas: a suite of twelve expectations over the frame; the figures in pandas."""
    import pandas as pd

    from quality.expectations import _great_expectations

    gx, frame = _great_expectations(), _read_in_pandas(folder)
    number, scheme = frame["身份证号"], frame["救助类别"]
    good, _ = _judged_in_pandas(frame)
    inside = pd.to_datetime(number.str[6:14], format="%Y%m%d", errors="coerce").dt.strftime("%Y-%m-%d")  # fmt: skip
    whole, valid = number.str.len() == 18, _valid_in_pandas(frame)
    known = pd.to_datetime(frame["出生日期"], format="%Y-%m-%d", errors="coerce").notna()
    frame = frame.assign(
        check=valid.where(whole).astype(object),
        birth=(frame["出生日期"] == inside).where(valid & known).astype(object),
        sex=((frame["性别"] == "男") == number.str[16].isin(list("13579"))).where(valid).astype(object),
        written=scheme.fillna(""),
        dated=known,
    )  # fmt: skip
    ask = gx.expectations
    asked = {
        "id_length": ask.ExpectColumnValueLengthsToEqual(column="身份证号", value=18),
        "id_checksum": ask.ExpectColumnValuesToBeInSet(column="check", value_set=[True]),
        "id_birth_mismatch": ask.ExpectColumnValuesToBeInSet(column="birth", value_set=[True]),
        "id_sex_mismatch": ask.ExpectColumnValuesToBeInSet(column="sex", value_set=[True]),
        "area_unknown": ask.ExpectColumnValuesToBeInSet(column="行政区划代码", value_set=villages()),
        "blank_scheme": ask.ExpectColumnValuesToNotBeNull(column="救助类别"),
        "scheme_unknown": ask.ExpectColumnValuesToBeInSet(column="救助类别", value_set=SCHEMES),
        "status_unknown": ask.ExpectColumnValuesToBeInSet(column="状态", value_set=STATUSES),
        "date_format": ask.ExpectColumnValuesToBeInSet(column="dated", value_set=[True]),
        "month_format": ask.ExpectColumnValuesToMatchRegex(column="起始年月", regex=MONTH),
        "amount_format": ask.ExpectColumnValuesToMatchRegex(column="月保障金额", regex=r"^-?\d+(\.\d+)?$"),
        "number_format": ask.ExpectColumnValuesToMatchRegex(column="保障人口数", regex=r"^\d+$"),
    }  # fmt: skip
    context = gx.get_context(mode="ephemeral")
    asset = context.data_sources.add_pandas("rolls").add_dataframe_asset("rolls")
    batch = asset.add_batch_definition_whole_dataframe("all").get_batch({"dataframe": frame})
    results = batch.validate(gx.ExpectationSuite(name="roll", expectations=[*asked.values()]), result_format="BASIC")  # fmt: skip
    broken = {
        name: result.result["unexpected_count"]
        for name, result in zip(asked, results.results, strict=True)
    }
    return _figures_in_pandas(good, broken)


NAMED = {
    ("scheme", "blank_required"): "blank_scheme",
    ("scheme", "code_unknown"): "scheme_unknown",
    ("status", "code_unknown"): "status_unknown",
}
INDICATORS = {
    "dibao_rural_persons": "rural",
    "dibao_urban_persons": "urban",
    "dibao_rural_households": "rural_households",
    "dibao_urban_households": "urban_households",
}


def project(folder: Path) -> Answer:
    """The project with all its duties: seal, pseudonymise, quarantine with reasons, 111 rules, leads, 175 indicators, lineage."""
    from minzheng.custody.home import Home
    from minzheng.custody.keys import Keys
    from minzheng.intake import take_in
    from minzheng.warehouse.connection import LOADING, open_warehouse
    from minzheng.warehouse.register import build_register, loaded_months
    from quality.gate import compute_months

    home = Home(folder.parent / "home").create()
    keys = Keys.load()
    with open_warehouse(home, **LOADING) as connection:
        take_in(home, connection, keys, folder)
    with open_warehouse(home) as connection:
        months = loaded_months(connection)
        build_register(connection, months)
        compute_months(connection, months)
        broken = connection.execute(
            "select column_name, rule_id, count(*) from raw.quarantine group by all"
        ).fetchall()
        flagged = connection.execute(
            "select count(*) from raw.dibao_roll where contains(flags, 'id_sex_mismatch')"
        ).fetchall()
        told = connection.execute(
            "select ref_area, indicator_id, sex, obs_value from indicator.observation where month = $month"
            " and residence = '_T' and age_group = '_T' and category = '_T' and indicator_id in (select unnest($codes))",
            {"month": months[-1], "codes": list(INDICATORS)},
        ).fetchall()
    rules = {NAMED.get((column, rule), rule): count for column, rule, count in broken}
    figures = {(area, INDICATORS[code]): value for area, code, sex, value in told if sex == "_T"}
    women = {(area, f"{INDICATORS[code]}_women"): value for area, code, sex, value in told if sex == "F"}  # fmt: skip
    return _answer(rules | {"id_sex_mismatch": flagged[0][0]}, figures | women)


CONTESTANTS: dict[str, Callable[[Path], Answer]] = {
    "floor": floor,
    "project": project,
    "parts": parts,
    "duckdb": plain_duckdb,
    "polars": plain_polars,
    "dbt": dbt_duckdb,
    "pandas": plain_pandas,
    "great_expectations": great_expectations,
}

if __name__ == "__main__":
    name = re.sub(r"\W", "", sys.argv[1])
    print(json.dumps(CONTESTANTS[name](Path(sys.argv[2])), sort_keys=True))
