"""The contracts as data: datasets, code lists, aliases. One file a dataset is the single source for reader, types,
data dictionary, suites and simulator. Nothing here reads a person's data."""

from functools import cache
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from minzheng.contracts.faults import of_a_contract
from minzheng.contracts.paths import contract, contracts_in, read_yaml

ColumnType = Literal[
    "month",
    "code12",
    "code9",
    "code7",
    "code",
    "text",
    "id18",
    "date",
    "int",
    "yuan",
    "flag",
    "percent",
    "decimal",
    "year",
]
Pii = Literal["direct", "quasi", "sensitive", "pseudonym"]


class Strict(BaseModel):
    """A data file's part: unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Bilingual(Strict):
    """One sentence in Chinese and in English."""

    zh: str
    en: str


class Column(Strict):
    """One column of a dataset: the header the senders write, our name, the type and how personal it is.

    `names` says what a free text names, so that a person's name in it shows.
    """

    name: str
    header: str
    type: ColumnType
    required: bool
    pii: Pii | None = None
    codes: str | None = None
    unknown_code: Literal["quarantine", "warn"] | None = None
    names: Literal["organisation", "document"] | None = None
    note: Bilingual


class Dataset(Strict):
    """One kind of file that comes in. `unit`: what is told anew by another row each month, where the key does not say so.

    `holds_from`: of a reference dataset, the column with the month or year before which no figure reads a row.
    `optional`: who has it sends it, nobody owes it; a home without a file of it has none of its indicators either.
    """

    dataset: str
    title: Bilingual
    grain: str
    key: list[str]
    frequency: Literal["monthly", "yearly", "on change"]
    kind: Literal["roll", "ledger", "facility", "aggregate", "partner", "reference"]
    unit: list[str] = []
    holds_from: str | None = None
    optional: bool = False
    columns: list[Column]

    def column(self, name: str) -> Column | None:
        """The column of that name, or None."""
        return next((column for column in self.columns if column.name == name), None)

    @property
    def unit_columns(self) -> list[str]:
        """The register's columns that name what a row is about, from month to month."""
        names = self.unit or [name for name in self.key if name != "statistical_month"]
        return [KEY_NAME.get(name, name) for name in names]

    @property
    def has_township(self) -> bool:
        """Whether rows name their township; the others always speak for the whole county (_G02)."""
        return any(
            column.name in ("region_code", "township_code") for column in self.columns
        ) and self.dataset not in (
            "region",
            "population",
        )


class Code(Strict):
    """One word of a code list; `with_reason` are synonyms that also say why (注销 = 停保)."""

    label: str | None = None
    synonyms: list[str] = []
    with_reason: dict[str, str] = {}


class RegisterColumn(Strict):
    """A column of `raw.<dataset>` and `register.<dataset>`: pseudonyms in place of identities."""

    name: str
    type: str
    source: str | None
    note: Bilingual


@cache
def _yaml(name: str) -> Any:
    return read_yaml(contract(name))


@cache
def dataset(name: str) -> Dataset:
    """The contract of one dataset; KeyError for an unknown name."""
    if name not in dataset_names():
        raise KeyError(name)
    file = f"datasets/{name}.yaml"
    try:
        return Dataset.model_validate(_yaml(file))
    except ValidationError as error:
        raise of_a_contract(error, file) from None


@cache
def dataset_names() -> tuple[str, ...]:
    """All dataset names, in alphabetical order."""
    return tuple(path.stem for path in contracts_in("datasets"))


@cache
def codes(name: str) -> dict[str, Code]:
    """One code list: canonical code to its label and synonyms."""
    return {
        str(code): Code.model_validate(entry) for code, entry in _yaml("codes.yaml")[name].items()
    }


DUCKDB_TYPE = {
    "month": "VARCHAR",
    "code12": "VARCHAR",
    "code9": "VARCHAR",
    "code7": "VARCHAR",
    "code": "VARCHAR",
    "text": "VARCHAR",
    "date": "DATE",
    "int": "BIGINT",
    "yuan": "DECIMAL(18,2)",
    "flag": "BOOLEAN",
    "percent": "DECIMAL(18,4)",
    "decimal": "DECIMAL(18,4)",
    "year": "INTEGER",
}

# Names, free text and birth dates stay in the vault; the place is told by its code alone.
NOT_KEPT = {
    "person_name", "guardian_name", "remark", "birth_date", "sex", "township_name", "village_name",
    "statistical_month",
}  # fmt: skip
KEY_NAME = {
    "person_id_no": "person_key",
    "bank_account": "account_key",
    "household_no": "household_key",
    "grant_no": "grant_key",
    "application_no": "application_key",
    "payment_no": "payment_key",
    "card_no": "card_key",
}
MARKED = {"month_value", "year_to_date_value"}


@cache
def free_text(name: str) -> tuple[Column, ...]:
    """The columns of a dataset whose cells are kept in the words of whoever wrote them: by no list, no form, no pseudonym."""
    return tuple(
        column
        for column in dataset(name).columns
        if column.type in ("text", "code")
        and not column.codes
        and column.name not in NOT_KEPT | KEY_NAME.keys()
    )


def _added(name: str, type_: str, zh: str, en: str) -> RegisterColumn:
    return RegisterColumn(name=name, type=type_, source=None, note=Bilingual(zh=zh, en=en))


@cache
def register_columns(name: str) -> tuple[RegisterColumn, ...]:
    """The columns of `raw.<name>` and `register.<name>`, in order.

    First `month` and, where rows name a place, `township_code`; then the contract's columns with keyed pseudonyms for
    identities (HMAC-SHA-256); then what is derived from the id number (`sex`, `age` at the month's end), from the status
    (`active`) and from marks; last the provenance: `intake_no`, `sheet`, `row_no`, `flags`.
    """
    contract = dataset(name)
    own = {column.name for column in contract.columns}
    columns = [_added("month", "VARCHAR", "统计月份", "Month the row reports, YYYY-MM")]
    if contract.has_township:
        columns.append(
            _added(
                "township_code",
                "VARCHAR",
                "乡镇代码",
                "Township: first 9 digits of the region code",
            )
        )
    for column in contract.columns:
        if column.name in NOT_KEPT or (column.name == "township_code" and contract.has_township):
            continue
        if column.name in KEY_NAME:
            columns.append(
                RegisterColumn(
                    name=KEY_NAME[column.name], type="VARCHAR", source=column.name, note=column.note
                )
            )
        else:
            columns.append(
                RegisterColumn(
                    name=column.name,
                    type=DUCKDB_TYPE[column.type],
                    source=column.name,
                    note=column.note,
                )
            )
        if column.name in MARKED:
            columns.append(
                _added(
                    f"{column.name}_mark",
                    "VARCHAR",
                    "数值标记",
                    "number, none (-), below (…) or blank (not reported)",
                )
            )
    if "card_no" in own:
        columns.append(
            _added(
                "card_suffix",
                "VARCHAR",
                "残疾证号后缀",
                "Characters of the card number after the id number",
            )
        )
    if name == "dibao_roll":
        columns.append(
            _added("scheme_tier", "VARCHAR", "保障档次", "Tier A, B or C written behind the scheme")
        )
    if "person_id_no" in own:
        columns.append(
            _added("sex", "VARCHAR", "性别", "M or F, by the 17th digit of the id number")
        )
        columns.append(
            _added(
                "age",
                "INTEGER",
                "月末年龄",
                "Completed years at the month's last day, by the id number",
            )
        )
    if contract.kind == "roll" and "status" in own:
        columns.append(_added("active", "BOOLEAN", "是否在册", "Status is 在保, 新增 or 恢复"))
    columns += [
        _added("intake_no", "BIGINT", "收件序号", "Number the ledger gave the file"),
        _added("sheet", "VARCHAR", "工作表", "Sheet of the workbook, empty for CSV"),
        _added("row_no", "INTEGER", "行号", "Row as the clerk sees it, from 1"),
        _added("flags", "VARCHAR", "标记", "Reason codes of warnings on this row, comma-separated"),
    ]
    return tuple(columns)
