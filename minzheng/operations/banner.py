"""What is late or failed now, for the site's readers: `published/status.js`, which lies beside the releases and is part of none.

Released pages never change. Each looks for this file and shows its lines (`publish/site/assets/now.js`); a page opened from
a file share may load a script, but not fetch. Months only are named: no file, township or person.
"""

import datetime as dt
import json
from collections.abc import Sequence

from minzheng.custody.home import Home
from minzheng.custody.ledger import SHANGHAI
from minzheng.custody.synced import write_synced
from minzheng.months import month_zh

LINES = {
    "late": (
        "{}报送未齐，该月数字尚不完整。",
        "Returns for {} are incomplete, and so are its figures.",
    ),
    "blocked": (
        "{}核验未通过，结果未更新，本站仍为此前发布的数字。",
        "{} did not pass its checks and was not updated; these pages show what was released before.",
    ),
    "failed": (
        "{}自动处理失败，结果未更新，本站仍为此前发布的数字。",
        "{} could not be processed and was not updated; these pages show what was released before.",
    ),
    "undelivered": ("{}月报尚未送达上级。", "The report of {} has not reached the prefecture yet."),
}
"""The line of each kind of alert that is about months, in Chinese and English."""


def banner_lines(alerts: Sequence) -> dict[str, list[str]]:
    """The lines of open alerts (`minzheng.operations.alerts.Alert`) by language, each once; none for alerts that are about no month."""
    told: dict[str, list[str]] = {"zh": [], "en": []}
    stopped = set().union(*(alert.months for alert in alerts if alert.kind == "blocked"))
    for alert in alerts:
        if alert.kind == "failed" and stopped.issuperset(alert.months):
            continue  # why it failed is told already
        if alert.months and alert.kind in LINES:
            ends = sorted({alert.months[0], alert.months[-1]})
            chinese, english = LINES[alert.kind]
            told["zh"].append(chinese.format("至".join(map(month_zh, ends))))
            told["en"].append(english.format("–".join(ends)))
    return {language: list(dict.fromkeys(lines)) for language, lines in told.items()}


def write_banner(home: Home, alerts: Sequence) -> None:
    """Write what the open alerts tell the site's readers, with the day it was so."""
    lines = banner_lines(alerts)
    told = {"on": f"{dt.datetime.now(SHANGHAI):%Y-%m-%d}", **lines}
    home.published.mkdir(parents=True, exist_ok=True)
    write_synced(
        home.published / "status.js",
        f"statusNow({json.dumps(told, ensure_ascii=False)});\n".encode(),
    )
