"""The control room's job 送达 does what its name says, and its sensor goes on with what was ordered."""

import dagster as dg
import pytest

from assets.resources import HomeResource
from minzheng.delivery.approvers import unlocked
from minzheng.delivery.review import approve, current, submit
from minzheng.delivery.standing import standing
from minzheng.errors import MinzhengError
from pipelines.automation import waiting_deliveries
from pipelines.instance import prepare
from pipelines.runs import execute
from tests.delivery.conftest import APPROVER, AUTHOR, MONTH, NINE, PASSPHRASE


@pytest.fixture
def released(home, draft, freeze, approver, monkeypatch):
    for name in ("DAGSTER_HOME", "MINZHENG_HOME"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    prepare(home)
    draft()
    submit(home, MONTH, AUTHOR)
    approve(home, MONTH, APPROVER, unlocked(home, APPROVER, PASSPHRASE), NINE)
    freeze()
    return current(home, MONTH)[0]


def deliver(home, **config):
    execute(home, "deliver", ops={"send_month": {"month": MONTH, **config}})


def test_a_dry_run_fills_the_outbox_and_orders_nothing(home, released):
    deliver(home)
    assert (released.shelf / "送审单.docx").is_file()
    assert standing(released)[1] == "approved"


def test_a_real_run_orders_what_is_approved(home, released):
    deliver(home, really=True)
    assert standing(released)[1] == "ordered"


def test_a_real_run_of_what_was_changed_since_is_red_and_orders_nothing(home, released):
    (released.folder / "report.docx").write_text("改过的月报")
    with pytest.raises(MinzhengError, match="cannot be sent"):
        deliver(home, really=True)


def test_the_sensor_has_nothing_to_do_for_what_a_person_uploads(home, released):
    deliver(home, really=True)
    with dg.DagsterInstance.get() as instance:
        context = dg.build_sensor_context(
            instance=instance, resources={"home": HomeResource(path=str(home.path))}
        )
        assert isinstance(waiting_deliveries(context), dg.SkipReason)
