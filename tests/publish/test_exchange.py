"""Exchange files: valid for their own tools, and equal to the frames when read back."""

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from minzheng.disclosure.frames import CELL, KEYS, SCHEMAS
from minzheng.publish.release.exchange import code_lists, csv_path, field_titles, table_titles
from minzheng.publish.release.writing import prepared


@pytest.fixture(scope="module")
def whole(frames, month):
    return prepared(frames, f"{month}-r1", None)


def test_the_data_package_is_valid_by_frictionless(release):
    from frictionless import Package, system

    with system.use_context(trusted=False):
        report = Package(str(release / "datapackage.json")).validate()
    assert report.valid, report.flatten(["rowNumber", "fieldName", "note"])
    assert {task.name for task in report.tasks} == set(SCHEMAS)


def test_frictionless_finds_a_key_twice(release, tmp_path):
    import shutil

    from frictionless import Package

    shutil.copytree(release, tmp_path / "r")
    text = (tmp_path / "r" / "progress.csv").read_text(encoding="utf-8")
    (tmp_path / "r" / "progress.csv").write_text(
        text + text.splitlines()[1] + "\n", encoding="utf-8"
    )
    assert not Package(str(tmp_path / "r" / "datapackage.json")).validate().valid


def test_sdmx_csv_is_read_by_pysdmx_and_tells_the_same(release, whole):
    from pysdmx.io import read_sdmx

    message = read_sdmx((release / "observations.sdmx.csv").read_text(encoding="utf-8"))
    data = message.data[0].data
    told = dict(
        zip(
            zip(*(data[name.upper()] for name in CELL), strict=True), data["OBS_VALUE"], strict=True
        )
    )
    ours = {row[:-1]: row[-1] for row in whole.observations.select(*CELL, "obs_value").iter_rows()}
    assert told.keys() == ours.keys()
    for key, value in ours.items():
        assert (
            (told[key] in (None, "") or told[key] != told[key])
            if value is None
            else float(told[key]) == value
        )


def test_csv_opens_in_excel_and_equals_the_frame(release, whole):
    raw = (release / "observations.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    assert b"\r" not in raw
    for name in SCHEMAS:
        path = release / csv_path(name)
        read = pl.read_csv(path, schema=SCHEMAS[name])
        assert_frame_equal(read, getattr(whole, name))
        if name != "revisions":
            assert_frame_equal(pl.read_parquet(path.with_suffix(".parquet")), getattr(whole, name))


def test_every_published_table_and_column_is_described():
    assert set(field_titles()) == {column for schema in SCHEMAS.values() for column in schema}
    assert set(table_titles()) == set(SCHEMAS)


def test_every_code_of_the_release_is_in_a_code_list(whole):
    lists = {
        name: {entry["code"] for entry in entries} for name, entries in code_lists(whole).items()
    }
    for name in (
        "freq",
        "residence",
        "sex",
        "age_group",
        "obs_status",
        "conf_status",
        "ref_area",
        "indicator_id",
    ):
        assert set(whole.observations[name].unique()) <= lists[name]
    assert set(whole.quality["state"].unique()) <= lists["state"]


def test_keys_are_columns_of_their_tables():
    assert all(set(key) <= set(SCHEMAS[name]) for name, key in KEYS.items())
