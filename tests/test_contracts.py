"""The contracts as data: read quickly, and read right."""

import pytest
import yaml

from minzheng.contracts.datasets import CONTRACTS, read_yaml

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
