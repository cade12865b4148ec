"""A county of two townships, A and B, whose registers are drawn as text; the person's key says why the row is there."""

import duckdb
import pytest

from minzheng.contracts.datasets import dataset, dataset_names
from minzheng.leads.matching import match
from minzheng.leads.rules import rules
from minzheng.warehouse.connection import create_tables, set_months
from tests.conftest import sent_by_the_county
from tests.place import AREA

TOWNSHIP = {"A": f"{AREA}100", "B": f"{AREA}200"}
MONTH = "2024-03"


def empty_warehouse():
    connection = duckdb.connect(config={"threads": 1})
    create_tables(connection)
    return connection


def read_drawing(drawing):
    """The headings and rows of a table drawn with `|`, where the first and last cell may be empty too."""
    lines = [line for line in drawing.strip("\n").splitlines() if line.strip()]
    cells = [[cell.strip() or None for cell in line.split("|")] for line in lines]
    return cells[0], cells[1:]


class County:
    """Fills the register of an in-memory warehouse and asks for leads."""

    def __init__(self, connection):
        self.connection = connection
        self.rows_drawn = 0
        self.computed = None

    def was_run(self, *months):
        """Say that the months were run, as the commands ask."""
        for month in months:
            self.connection.execute("insert into work.computed values (?, '')", [month])

    def covered(
        self,
        *months,
        townships="AB",
        without=(),
        absent=None,
        rows=100,
        received="2024-04-05 09:00:00",
    ):
        """Every dataset but `without` has a file of each month; `absent` = {dataset: missing columns}."""
        for month in months:
            for name in dataset_names():
                codes = [TOWNSHIP[t] for t in townships] if dataset(name).has_township else [AREA]
                if name in without:
                    continue
                for code in codes:
                    self.connection.execute(
                        "insert into register.coverage values (?, ?, ?, 1, ?, ?, ?, 0)",
                        [name, month, code, received, (absent or {}).get(name, ""), rows],
                    )

    def rows(self, name, drawing):
        """Add rows; `town` is A (default) or B; month, status, provenance have defaults; an empty cell is blank."""
        headings, lines = read_drawing(drawing)
        own = {column.name for column in dataset(name).columns}
        for line in lines:
            self.rows_drawn += 1
            row = {"month": MONTH, "intake_no": 1, "sheet": "", "row_no": self.rows_drawn}
            if dataset(name).has_township:
                row["town"] = "A"
            if "status" in own:
                row["status"] = "在保"
            row |= dict(zip(headings, line, strict=True))
            if "town" in row:
                row["township_code"] = TOWNSHIP[row.pop("town") or "A"]
            if "status" in own:
                row["active"] = row["status"] in ("在保", "新增", "恢复")
            marks = ", ".join("?" for _ in row)
            self.connection.execute(
                f"insert into register.{name} ({', '.join(row)}) values ({marks})",
                list(row.values()),
            )
        if name != "asset_hit":  # whether that list has come decides who is judged
            sent_by_the_county(self.connection, f"register.{name}")

    def leads(self, rule_id, *months):
        """Judge everybody in the months by one rule, a third of the work of all; {(person, town)} of the last month."""
        asked = (months or (MONTH,), self.rows_drawn, rule_id)
        if self.computed != asked:
            set_months(self.connection, asked[0])
            match(self.connection, [rule for rule in rules() if rule.rule_id == rule_id])
            self.computed = asked
        letter = {code: town for town, code in TOWNSHIP.items()}
        found = self.connection.execute(
            "select person_key, township_code from lead.lead where rule_id = ? and month = ?",
            [rule_id, (months or (MONTH,))[-1]],
        ).fetchall()
        assert len(found) == len(set(found)), "one lead per rule, month, person and township"
        return {(person, letter[code]) for person, code in found}

    def forget(self, table):
        """Empty a table."""
        self.connection.execute(f"delete from {table}")
        self.computed = None

    def parameter(self, code, value, valid_from="2024-01-01", **more):
        """Add one parameter without a band."""
        row = {
            "month": MONTH,
            "param_code": code,
            "value": value,
            "unit": "元",
            "valid_from": valid_from,
        }
        row |= {"intake_no": 1, "row_no": 1} | more
        self.computed = None
        marks = ", ".join("?" for _ in row)
        self.connection.execute(
            f"insert into register.policy_param ({', '.join(row)}) values ({marks})",
            list(row.values()),
        )
        sent_by_the_county(self.connection, "register.policy_param")


@pytest.fixture
def county(warehouse):
    return County(warehouse)
