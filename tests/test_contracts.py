"""The contracts as data: read quickly, and read right."""

import pytest
import yaml
from pydantic import ValidationError

from minzheng.contracts.datasets import Dataset, dataset
from minzheng.contracts.faults import of_a_contract
from minzheng.contracts.paths import CONTRACTS, read_yaml

FILES = sorted(path.relative_to(CONTRACTS).as_posix() for path in CONTRACTS.rglob("*.yaml"))


@pytest.mark.parametrize("name", FILES)
def test_the_quick_reader_reads_what_the_slow_one_does(name):
    assert read_yaml(CONTRACTS / name) == yaml.safe_load(
        (CONTRACTS / name).read_text(encoding="utf-8")
    )


def test_nobody_reads_yaml_slowly():
    code = [
        path
        for folder in ("minzheng", "quality", "assets", "pipelines")
        for path in (CONTRACTS.parent / folder).rglob("*.py")
    ]
    assert len(code) > 100
    assert [path.name for path in code if "safe_load" in path.read_text(encoding="utf-8")] == []


def test_a_contract_that_does_not_fit_is_told_in_chinese_too():
    whole = dataset("dibao_roll").model_dump() | {"frequency": "weekly"}
    with pytest.raises(ValidationError) as caught:
        Dataset.model_validate(whole)
    told = of_a_contract(caught.value, "datasets/dibao_roll.yaml")
    assert "frequency: Input should be 'monthly', 'yearly' or 'on change'" in str(told)
    assert "frequency：应为 'monthly'、'yearly'、'on change' 之一" in told.zh
    assert "Input" not in told.zh
    assert "weekly" not in told.zh + str(told)
    assert of_a_contract(ValueError("of a person's row")) is None
