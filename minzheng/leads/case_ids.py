"""Case ids, and those of before a change of keys, so that a workbook handed out under them still finds its cases.

A case id is made from a pseudonym, and those change with the key. The list of former and present ids lies sealed in
`restricted/`: whoever has only the warehouse of before and the one of now cannot tell which cases are the same.
"""

import hashlib
import json
from collections.abc import Mapping

import duckdb

from minzheng.custody import vault
from minzheng.custody.home import Home
from minzheng.custody.keys import Keys

NAME = "case_ids.sealed"


def case_id(rule_id: str, person_key: str, township_code: str) -> str:
    """The id of a case, as `sql/lead/case_month.sql` makes it."""
    return hashlib.md5(
        f"{rule_id}|{person_key}|{township_code}".encode(), usedforsecurity=False
    ).hexdigest()[:16]


def present_ids(home: Home, keys: Keys) -> dict[str, str]:
    """Former case id to the present one, over every change of keys so far."""
    path = home.restricted / NAME
    return json.loads(keys.unseal(path.read_bytes(), NAME)) if path.is_file() else {}


def carry(
    home: Home, new: Keys, connection: duckdb.DuckDBPyConnection, pairs: Mapping[str, str]
) -> None:
    """Note what the cases will be called under the new key, before the warehouse has it; again if that was stopped.

    `pairs`: old to new pseudonym; one that is not there gets the one derived from it, as in the warehouse. What the list
    held is already sealed with the new key. Ids of cases that are no more are left out.
    """
    rows = connection.execute(
        "select distinct case_id, rule_id, person_key, township_code from lead.case_month"
    ).fetchall()
    becomes = {
        former: case_id(
            rule_id, pairs.get(key) or new.pseudonym("person", "retired/" + key), township
        )
        for former, rule_id, key, township in rows
    }
    there = {*becomes, *becomes.values()}
    earlier = {
        former: becomes.get(now, now)
        for former, now in present_ids(home, new).items()
        if now in there
    }
    if known := earlier | becomes:
        vault.write_synced(home.restricted / NAME, new.seal(json.dumps(known).encode(), NAME))
