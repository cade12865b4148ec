"""The rules find what another generator planted, no more and no less, and their cases go on from month to month."""

import polars as pl
import pytest

from minzheng.contracts.datasets import dataset, dataset_names
from minzheng.leads.matching import compute
from minzheng.leads.rules import rules
from tests.conftest import sent_by_the_county
from tests.leads.another_county import MONTHS, PARAMETERS, TOWNSHIPS, plant
from tests.leads.conftest import empty_warehouse
from tests.place import AREA


def settle(connection, rows):
    """Put the planted rows into the register, with a file of every list, month and township."""
    for name in dataset_names():
        codes = TOWNSHIPS if dataset(name).has_township else (AREA,)
        covered = [
            (name, month, code, 1, f"{month}-28", "", 100, 0) for month in MONTHS for code in codes
        ]
        connection.executemany(
            "insert into register.coverage values (?, ?, ?, ?, ?, ?, ?, ?)", covered
        )
        own = [
            {"month": month, "person_key": person, "intake_no": 1, "sheet": "", "row_no": number}
            | ({"township_code": code} if dataset(name).has_township else {})
            | (
                {"active": columns["status"] in ("在保", "新增", "恢复")}
                if "status" in columns
                else {}
            )
            | columns
            for number, (of, month, person, code, columns) in enumerate(rows)
            if of == name
        ]
        if own:
            connection.register("planted", pl.DataFrame(own, infer_schema_length=None).to_arrow())
            connection.execute(f"insert into register.{name} by name select * from planted")
            connection.unregister("planted")
    limits = [(code, value, f"{MONTHS[0]}-01", MONTHS[0]) for code, value in PARAMETERS.items()]
    connection.executemany(
        "insert into register.policy_param (param_code, value, valid_from, month) values (?, ?, ?, ?)",
        limits,
    )
    sent_by_the_county(connection, "register.policy_param")


@pytest.mark.parametrize(
    "seed", [1, *(pytest.param(seed, marks=pytest.mark.nightly) for seed in range(2, 9))]
)
def test_every_rule_finds_exactly_what_another_generator_planted(seed):
    rows, leads = plant(seed, times=1 if seed == 1 else 4)
    connection = empty_warehouse()
    settle(connection, rows)
    compute(connection, MONTHS)
    found = set(
        connection.execute(
            "select rule_id, month, person_key, township_code from lead.lead"
        ).fetchall()
    )
    assert len(leads) > 500
    sent = [rule for rule in rules() if not rule.optional]
    assert {lead[0] for lead in leads} == {rule.rule_id for rule in sent}
    for rule in sent:
        of = {lead for lead in found if lead[0] == rule.rule_id}
        wanted = {lead for lead in leads if lead[0] == rule.rule_id}
        assert (sorted(of - wanted), sorted(wanted - of)) == ([], []), rule.rule_id
    cases = "select count(distinct case_id), count(distinct (rule_id, person_key, township_code)) from lead.case_month"
    assert connection.execute(cases).fetchall() == [(len({(r, p, t) for r, _, p, t in leads}),) * 2]
    connection.close()
