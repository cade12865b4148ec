"""A home that an earlier version made: what fits is used, what does not is refused before anything is written."""

import hashlib

import duckdb
import pytest

from minzheng.errors import MinzhengError
from minzheng.warehouse.connection import open_warehouse
from pipelines import instance

SETTINGS_DIGEST = "cac912af30c8dc2cfcef541d83b3e0b803f53a91a326740d2454dd8110889abb"
"""When SETTINGS changes: put this digest into `instance.EARLIER`, and the new one here."""


def columns(path, table):
    with duckdb.connect(str(path), read_only=True) as connection:
        return [name for name, *_ in connection.execute(f"describe {table}").fetchall()]


def test_a_table_with_other_columns_is_refused_with_the_way_out_and_left_as_it_was(home):
    with open_warehouse(home) as connection:
        connection.execute("alter table lead.lead drop column evidence")
        connection.execute("drop table quality.outcome")
    with pytest.raises(
        MinzhengError, match="another version .lead.lead.: run `minzheng rebuild`"
    ) as caught:
        open_warehouse(home).__enter__()
    assert "请运行 minzheng rebuild" in caught.value.zh
    assert "evidence" not in columns(home.warehouse, "lead.lead")
    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        tables = connection.execute(
            "select table_name from duckdb_tables() where schema_name = 'quality'"
        ).fetchall()
    assert ("outcome",) not in tables


def test_a_table_that_is_not_there_yet_is_made(home):
    with open_warehouse(home) as connection:
        connection.execute("drop table quality.outcome")
    with open_warehouse(home):
        pass
    assert "rule_id" in columns(home.warehouse, "quality.outcome")


def test_the_settings_of_dagster_are_those_whose_digest_is_written_down():
    assert hashlib.sha256(instance.SETTINGS.encode()).hexdigest() == SETTINGS_DIGEST
    assert SETTINGS_DIGEST not in instance.EARLIER


def test_settings_that_an_earlier_version_wrote_are_brought_up_to_date(home, monkeypatch):
    settings = home.dagster / "dagster.yaml"
    settings.write_text("old: 1\n")
    monkeypatch.setattr(instance, "EARLIER", {hashlib.sha256(b"old: 1\n").hexdigest()})
    assert instance.bring_up_to_date(home)
    assert settings.read_text() == instance.SETTINGS
    assert settings.stat().st_mode & 0o077 == 0


def test_settings_that_somebody_edited_are_left_alone_with_the_new_ones_beside_them(home):
    settings, beside = home.dagster / "dagster.yaml", home.dagster / "dagster.yaml.new"
    edited = instance.SETTINGS.replace("purge_after_days: 90", "purge_after_days: 30")
    settings.write_text(edited)
    assert not instance.bring_up_to_date(home)
    assert settings.read_text() == edited
    assert beside.read_text() == instance.SETTINGS
    settings.write_text(instance.SETTINGS)
    assert instance.bring_up_to_date(home)
    assert not beside.exists()


def test_edited_settings_are_named_in_both_languages_before_a_run(home, capsys):
    from minzheng.commands.run import settle

    settle(home)
    assert capsys.readouterr().err == ""
    (home.dagster / "dagster.yaml").write_text(instance.SETTINGS + "# mine\n")
    settle(home)
    told = capsys.readouterr().err
    assert "was edited by hand" in told
    assert "请与 dagster.yaml.new 对照" in told
