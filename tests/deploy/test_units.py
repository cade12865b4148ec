"""The systemd units: valid, shut in, and the planners' room without key and records."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from minzheng.custody.home import Home

UNITS = Path(__file__).resolve().parents[2] / "deploy" / "systemd"
SERVICES = sorted(path.name for path in UNITS.glob("*.service"))
LOOSEST = 20
"""Exposure in tenths as `systemd-analyze security` counts it; a plain service has 96."""


def settings(name: str) -> dict[str, list[str]]:
    """The settings of a unit, each with its values."""
    found: dict[str, list[str]] = {}
    for key, value in re.findall(
        r"^(\w+)=(.*)$", (UNITS / name).read_text(encoding="utf-8"), re.MULTILINE
    ):
        found.setdefault(key, []).append(value)
    return found


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_has_its_own_user_private_temp_and_no_way_to_more_privileges(name):
    wanted = {"User": "minzheng", "NoNewPrivileges": "yes", "PrivateTmp": "yes", "ProtectSystem": "strict",
              "ProtectHome": "yes", "LimitCORE": "0", "CapabilityBoundingSet": ""}  # fmt: skip
    assert {key: settings(name).get(key) for key in wanted} == {
        key: [value] for key, value in wanted.items()
    }


def test_services_that_serve_planners_have_neither_key_nor_personal_records(tmp_path):
    home = Home(tmp_path).create()
    zones = {
        path.name
        for path in (
            home.landing,
            home.vault,
            home.warehouse.parent,
            home.ledger.parent,
            home.restricted,
        )
    }
    for name in ("minzheng-planners.service", "minzheng-mirror.service"):
        told = settings(name)
        closed = {Path(path.removeprefix("-")).name for path in told["InaccessiblePaths"]}
        assert zones | {"keys"} <= closed, name
        assert not [value for value in told.get("Environment", []) if "KEY" in value]
        assert "/var/lib/minzheng" not in told["ReadWritePaths"]


def test_a_zone_that_a_unit_closes_stays_closed(tmp_path):
    home = Home(tmp_path).create()
    home.vault.chmod(0o000)
    home.drafts.chmod(0o755)
    home.create()
    assert home.vault.stat().st_mode & 0o777 == 0o000
    assert home.drafts.stat().st_mode & 0o777 == 0o700


@pytest.mark.skipif(
    not shutil.which("systemd-analyze") and not os.environ.get("CI"),
    reason="systemd-analyze is in Debian's systemd",
)
class TestAsSystemdReadsThem:
    """What systemd's own tools say of the units."""

    def test_the_units_are_valid(self, tmp_path):
        for path in UNITS.iterdir():
            text = re.sub(
                r"^ExecStart=\S+", "ExecStart=/bin/true", path.read_text(), flags=re.MULTILINE
            )
            (tmp_path / path.name).write_text(text)
        made = subprocess.run(
            ["systemd-analyze", "verify", *sorted(tmp_path.iterdir())],
            capture_output=True,
            text=True,
            check=False,
        )
        assert (made.returncode, made.stderr) == (0, "")

    @pytest.mark.parametrize("name", SERVICES)
    def test_little_is_exposed(self, name):
        command = [
            "systemd-analyze",
            "security",
            "--offline=true",
            f"--threshold={LOOSEST}",
            "--json=short",
        ]
        made = subprocess.run([*command, UNITS / name], capture_output=True, text=True, check=False)
        assert made.returncode == 0, [
            one["name"] for one in json.loads(made.stdout) if not one["set"]
        ]
