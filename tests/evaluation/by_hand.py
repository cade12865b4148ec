"""The verdicts of an evaluation by other hands: from a county's plain figures and the plan's files, no code of the product's."""

import csv
import math

ZERO = 0.001
MET = {"reached_early", "reached", "kept", "within", "improved", "done", "carried_out"}
HALF = {"steady", "under_way", "partly"}


def number(month):
    return int(month[:4]) * 12 + int(month[5:])


def of_period(period):
    return f"{period}-12" if len(period) == 4 else period


def line_in(row, month):
    """The line of a row's targets that counts in a month."""
    lines = [one for one in row.get("targets", []) if one.get("valid_from", "") <= month]
    return lines[-1] if lines else None


def meets(row, month, value):
    line = line_in(row, month)
    if line is None:
        return False
    if "upper" in line:
        return line["value"] <= value <= line["upper"]
    return value <= line["value"] if row["direction"] == "down" else value >= line["value"]


def trend(row, since, base, last, value):
    """Improved, steady or worsened by the growth a year, near a natural limit by less."""
    years = (number(last) - number(since)) / 12
    if years < 1:
        return None
    down = row["direction"] == "down"
    limit = row.get("limit", 0 if down else None)
    growth = 0.0 if base == value == 0 else (value / (base or ZERO)) ** (1 / years) - 1
    growth *= -1 if down else 1
    factor = 1.0
    if limit is not None and (limit <= base if down else limit >= base):
        near = 2 * limit - base if base > limit else base
        factor = 0.0 if base == limit else 1.0 if limit == 0 else 1 - (near / limit) ** 4.44
    return "improved" if growth >= 0.005 * factor else "steady" if growth >= 0 else "worsened"


def verdict(row, series, last):
    """What a row of `rows.yaml` has come to by `last`, from the county's figures by month; None where nothing can be said."""
    if last not in series or row["direction"] == "neutral" or math.isnan(series[last]):
        return None
    line, value = line_in(row, last), series[last]
    if row["direction"] == "band" and line is None:
        return None
    same = row["measure"] in ("ytd", "flow")
    seen = [month for month in sorted(series) if not same or month[5:] == last[5:]]
    stated = row.get("baseline")
    since = of_period(stated["period"]) if stated else seen[0]
    base = stated["value"] if stated else series[seen[0]]
    if line is None:
        return trend(row, since, base, last, value)
    now = meets(row, last, value)
    if "upper" in line:
        return "within" if now else "outside"
    if base >= line["value"] if row["direction"] != "down" else base <= line["value"]:
        return "kept" if now else "lost"
    if not now:
        return "not_reached"
    run = last
    for month in reversed(seen):
        if not meets(row, month, series[month]):
            break
        run = month
    return "reached_early" if number(last) - number(run) >= 12 else "reached"


def clauses(folder, tasks, verdicts):
    """What each fragment has come to: by the verdicts of the indicators and tasks that measure it."""
    behind = {}
    for task in tasks:
        for clause in task.get("clauses", []):
            behind.setdefault(clause, []).append(task["id"])
    found = {}
    with (folder / "clauses.csv").open(encoding="utf-8", newline="") as file:
        for one in csv.DictReader(file):
            items = one["indicators"].split() + behind.get(one["clause_id"], [])
            known = [verdicts.get(item) for item in items]
            told = [word for word in known if word]
            met = [word for word in told if word in MET]
            whole = bool(told) and len(met) == len(items)
            some = bool(met) or any(word in HALF for word in told)
            found[one["clause_id"]] = (
                None
                if not told
                else "carried_out"
                if whole
                else "partly"
                if some
                else "not_carried_out"
            )
    return found
