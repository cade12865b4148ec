"""An attacker who has nothing but the CSV files of releases, the contract's definitions and a linear program solver.

Shares no code with what it attacks. Every count a release shows or withholds is a column; what the definitions say about
sums are rows; all months and all releases are one system. The true counts serve to judge the attack, and to tell the
attacker by how many a sum is off.
"""

import itertools

import numpy as np
import polars as pl
from scipy.optimize import linprog
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

CELL = ["indicator_id", "ref_area", "time_period", "residence", "sex", "age_group", "category"]
SEXES, AGES, RESIDENCE = ["F", "M"], ["Y0T17", "Y18T59", "Y_GE60"], ["U", "R"]
CARE = ["CARE_SELF", "CARE_PARTIAL", "CARE_FULL"]
CAUSES = [
    f"CAUSE_{name}" for name in ("FIRE", "TRAFFIC", "INJURY", "ILLNESS", "EDU", "DISASTER", "OTHER")
]
LEVELS, KINDS = ["L1", "L2", "L3", "L4"], [f"TY{i}" for i in range(1, 8)]

PEOPLE = [
    "dibao_urban_persons",
    "dibao_rural_persons",
    "dibao_urban_households",
    "dibao_rural_households",
    "dibao_coverage",
    "dibao_new",
    "dibao_exit",
    "tekun_urban_persons",
    "tekun_rural_persons",
    "tekun_central",
    "tekun_central_rate",
    "tekun_dependent_central_rate",
    "tekun_minor_16_17",
    "tekun_care_tier_persons",
    "edge_persons",
    "edge_households",
    "rigid_households",
    "lowinc_monitored",
    "missed_candidates",
    "wrong_suspects",
    "death_paid_persons",
    "verify_rate",
    "temp_aid_times",
    "orphan_total",
    "orphan_institution",
    "orphan_social",
    "fact_orphan_total",
    "child_coverage",
    "pwd_living_recipients",
    "pwd_living_coverage",
    "pwd_care_recipients",
    "pwd_care_coverage",
    "pwd_overlap_errors",
    "old_age_allowance",
    "old_age_coverage",
    "elder_service_subsidy",
    "elder_care_subsidy",
    "elder_assess_rate",
    "payment_ontime_rate",
    "herder_urban_dibao",
    "online_apply_share",
    "residence_permit_cases",
]
"""Indicators whose numerator is a count of people or cases."""
DENOMINATORS = [
    "tekun_central_rate",
    "tekun_dependent_central_rate",
    "verify_rate",
    "child_coverage",
    "pwd_living_coverage",
    "pwd_care_coverage",
    "elder_assess_rate",
    "payment_ontime_rate",
    "online_apply_share",
    "dibao_subsidy_urban",
    "dibao_subsidy_rural",
    "temp_aid_level",
]
PARTS_OF_WHOLES = [
    "tekun_central_rate",
    "tekun_dependent_central_rate",
    "verify_rate",
    "elder_assess_rate",
    "payment_ontime_rate",
    "online_apply_share",
]
"""Rates whose numerator is part of the denominator."""

CODES = {
    "category": {
        "dibao_urban_persons": [["DIS", "NDIS"]],
        "dibao_rural_persons": [["DIS", "NDIS"]],
        "dibao_exit": [
            ["INCOME", "DEATH", "MOVE", "VERIFY", "VOLUNTARY", "MERGE", "OTHER", "UNKNOWN"]
        ],
        "tekun_urban_persons": [["FORM_C", "FORM_D"], CARE],
        "tekun_rural_persons": [["FORM_C", "FORM_D"], CARE],
        "tekun_care_tier_persons": [CARE],
        "tekun_dependent_central_rate": [CARE[1:]],
        "lowinc_monitored": [
            ["TEKUN", "DIBAO", "EDGE", "RIGID", "MONITORED", "REJECTED", "EXITED"]
        ],
        "verify_rate": [["M_DIBAO_U", "M_DIBAO_R", "M_TEKUN", "M_TEMP", "M_EDGE", "M_RIGID"]],
        "temp_aid_times": [CAUSES, ["LOCAL", "NONLOCAL"]],
        "temp_aid_level": [CAUSES],
        "orphan_total": [["CARE_INST", "CARE_SOCIAL"]],
        "child_coverage": [["ORPHAN", "FACT"]],
        "pwd_living_recipients": [LEVELS, KINDS],
        "pwd_care_recipients": [LEVELS, KINDS],
        "elder_service_subsidy": [[f"GRADE_{grade}" for grade in "01234U"]],
    }
}

EQUAL = [
    ("dibao_coverage@residence=U", ["dibao_urban_persons"]),
    ("dibao_coverage@residence=R", ["dibao_rural_persons"]),
    ("dibao_subsidy_urban/d", ["dibao_urban_persons"]),
    ("dibao_subsidy_rural/d", ["dibao_rural_persons"]),
    ("tekun_central_rate", ["tekun_central"]),
    ("tekun_central_rate/d", ["tekun_urban_persons", "tekun_rural_persons"]),
    ("tekun_central", ["tekun_urban_persons@category=FORM_C", "tekun_rural_persons@category=FORM_C"]),
    ("tekun_care_tier_persons", ["tekun_central_rate/d"]),
    *((f"tekun_care_tier_persons@category={c}", [f"tekun_{a}_persons@category={c}" for a in ("urban", "rural")]) for c in CARE),
    *((f"tekun_dependent_central_rate/d@category={c}", [f"tekun_care_tier_persons@category={c}"]) for c in CARE[1:]),
    ("lowinc_monitored@category=TEKUN", ["tekun_central_rate/d"]),
    ("orphan_total", ["orphan_institution", "orphan_social"]),
    ("orphan_institution", ["orphan_total@category=CARE_INST"]),
    ("orphan_social", ["orphan_total@category=CARE_SOCIAL"]),
    ("child_coverage/d@category=ORPHAN", ["orphan_total"]),
    ("child_coverage/d@category=FACT", ["fact_orphan_total"]),
    ("pwd_living_coverage", ["pwd_living_recipients"]),
    ("pwd_care_coverage", ["pwd_care_recipients"]),
    *((f"pwd_{kind}_coverage@category={c}", [f"pwd_{kind}_recipients@category={c}"]) for kind in ("living", "care") for c in LEVELS),
    ("temp_aid_level/d", ["temp_aid_times"]),
    *((f"temp_aid_level/d@category={c}", [f"temp_aid_times@category={c}"]) for c in CAUSES),
    ("death_paid_persons", ["wrong_suspects@category=SW01"]),
    ("old_age_coverage", ["old_age_allowance"]),
    ("online_apply_share/d", ["verify_rate/d"]),
]  # fmt: skip
AT_MOST = [
    ("dibao_urban_households", "dibao_urban_persons"),
    ("dibao_rural_households", "dibao_rural_persons"),
    ("edge_households", "edge_persons"),
    ("herder_urban_dibao", "dibao_urban_persons"),
    ("tekun_dependent_central_rate", "tekun_central"),
    ("lowinc_monitored@category=EDGE", "edge_persons"),
]
RUNNING = ["temp_aid_times", "residence_permit_cases"]
STOCKS = [("dibao_coverage", "_T"), ("dibao_urban_persons", "U"), ("dibao_rural_persons", "R")]


class System:
    """Columns for counts, rows for sums; built from frames of released observations, oldest first."""

    def __init__(self, releases, truth, threshold):
        self.truth, self.threshold = truth, threshold
        self.shown, self.withheld = _shown(releases)
        self.names = sorted(self.withheld)
        self.place = {name: j for j, name in enumerate(self.names)}
        self.rows, self.low, self.high = [], [], []
        self._define()

    def _known(self, name):
        return name in self.shown or name in self.place

    def _sum(self, terms, low, high):
        """low <= sum of the terms <= high, unless a term is nowhere in the release.

        Where somebody moved, or is in two townships, a sum is off by a few. Whoever is told by how many knows more than one
        who takes it for exact, and never errs; a sum that is off by the threshold or more is of no use.
        """
        if not all(self._known(name) for name, _ in terms):
            return
        off = sum(self.truth[name] * sign for name, sign in terms)
        if not low <= off <= high:
            if abs(off) >= self.threshold or low != high:
                return
            low = high = off
        told = sum(self.shown[name] * sign for name, sign in terms if name in self.shown)
        free = [(self.place[name], sign) for name, sign in terms if name not in self.shown]
        if free:
            self.rows.append(free)
            self.low.append(low - told)
            self.high.append(high - told)

    def _equal(self, whole, parts):
        self._sum([(whole, 1), *((part, -1) for part in parts)], 0, 0)

    def _define(self):
        everything = sorted({*self.shown, *self.withheld})
        areas = sorted({name[2] for name in everything})
        months = sorted({name[3] for name in everything})
        after = dict(itertools.pairwise(months))
        self._relate_cells(everything, areas, after)
        self._relate_indicators(areas, months, after)

    def _relate_cells(self, everything, areas, after):
        for name in everything:
            indicator, part, area, month, dimension, code = name
            if len(area) == 6:
                inside = [name[:2] + (one,) + name[3:] for one in areas if len(one) == 9]
                self._equal(
                    name, [one for one in inside if self._known(one)] if indicator != "x" else []
                )
            if dimension == "_T":
                for kind, codes in [("sex", SEXES), ("age", AGES), ("residence", RESIDENCE)]:
                    self._equal(name, [name[:4] + (kind, one) for one in codes])
                for codes in CODES["category"].get(indicator, []):
                    self._equal(name, [name[:4] + ("category", one) for one in codes])
            if part == "n" and indicator in PARTS_OF_WHOLES:
                self._sum([(name, 1), ((indicator, "d") + name[2:], -1)], -np.inf, 0)
            if indicator in RUNNING and month in after and after[month][:4] == month[:4]:
                self._sum([(name, 1), (name[:3] + (after[month],) + name[4:], -1)], -np.inf, 0)

    def _relate_indicators(self, areas, months, after):
        for area, month in itertools.product([one for one in areas if len(one) <= 9], months):
            for whole, parts in EQUAL:
                self._equal(_named(whole, area, month), [_named(one, area, month) for one in parts])
            for small, large in AT_MOST:
                self._sum(
                    [(_named(small, area, month), 1), (_named(large, area, month), -1)], -np.inf, 0
                )
            for stock, residence in STOCKS if month in after else ():
                later, cell = (
                    after[month],
                    ("_T", "_T") if residence == "_T" else ("residence", residence),
                )
                flows = [
                    ((flow, "n", area, later, *cell), sign)
                    for flow, sign in (("dibao_new", -1), ("dibao_exit", 1))
                ]
                stocks = [
                    ((stock, "n", area, later, "_T", "_T"), 1),
                    ((stock, "n", area, month, "_T", "_T"), -1),
                ]
                self._sum([*stocks, *flows], 0, 0)

    def components(self):
        """Columns and rows of each connected part."""
        entries = [(i, j, sign) for i, row in enumerate(self.rows) for j, sign in row]
        if not entries:
            return []
        i, j, signs = (np.array(part) for part in zip(*entries, strict=True))
        matrix = csr_array((signs, (i, j)), shape=(len(self.rows), len(self.names)))
        label = connected_components(matrix.T @ matrix, directed=False)[1]
        of_row = label[np.array([row[0][0] for row in self.rows])]
        low, high = np.array(self.low), np.array(self.high)
        for part in np.unique(label[j]):
            columns, rows = np.flatnonzero(label == part), np.flatnonzero(of_row == part)
            yield columns, matrix[rows][:, columns].tocsr(), low[rows], high[rows]


def _shown(releases):
    """Name -> count of what the releases show, the latest word; and the names of what they withhold."""
    shown, withheld = {}, set()
    columns = [*CELL, "numerator", "denominator", "obs_status", "conf_status"]
    for row in (row for frame in releases for row in frame.select(columns).rows()):
        indicator, area, month, *codes, n, d, status, confidential = row
        kept = [(i, code) for i, code in enumerate(codes) if code != "_T"]
        cell = (
            ("_T", "_T")
            if not kept
            else (["residence", "sex", "age", "category"][kept[0][0]], kept[0][1])
        )
        for part, value, is_count in (
            ("n", n, indicator in PEOPLE),
            ("d", d, indicator in DENOMINATORS),
        ):
            name = (indicator, part, area, month, *cell)
            if is_count and confidential == "C" and name not in shown:
                withheld.add(name)
            elif is_count and confidential == "F" and value is not None and status != "M":
                shown[name] = value
                withheld.discard(name)
    return shown, withheld


def _named(text, area, month):
    name, _, cell = text.partition("@")
    indicator, _, part = name.partition("/")
    dimension, _, code = cell.partition("=")
    return (indicator, part or "n", area, month, dimension or "_T", code or "_T")


def narrow(releases, truth, threshold, rounds=12):
    """Withheld count -> its lowest and highest value, for all that linear programs put less than `threshold` apart."""
    system, found = System(releases, truth, threshold), {}
    random = np.random.default_rng(5)
    for columns, matrix, low, high in system.components():
        attacked = _attack(matrix, low, high, threshold, random, rounds)
        found |= {system.names[columns[j]]: ends for j, ends in attacked.items()}
    return found


def _attack(matrix, low, high, threshold, random, rounds):
    """Random objectives drive all counts apart; the rest are minimised and maximised one by one."""
    solver = _solver(matrix, low, high, threshold)
    start = solver(np.zeros(matrix.shape[1]))
    lows, highs = start.copy(), start.copy()

    def learn(table):
        np.minimum(lows, table, out=lows)
        np.maximum(highs, table, out=highs)

    for _ in range(rounds):
        left = highs - lows < threshold
        if left.sum() <= 2:
            break
        weights = np.where(left, random.choice([-1.0, 1.0], len(left)), 0)
        for sign in (1, -1):
            learn(solver(sign * weights))
    found = {}
    for j in np.flatnonzero(highs - lows < threshold):
        objective = np.zeros(len(lows))
        for sign in (1, -1):
            objective[j] = sign
            learn(solver(objective))
            if highs[j] - lows[j] >= threshold:
                break
        else:
            ends = int(np.ceil(lows[j] - 1e-6)), int(np.floor(highs[j] + 1e-6))
            if ends[1] - ends[0] < threshold:
                found[int(j)] = ends
    return found


def _solver(matrix, low, high, threshold):
    """Minimise an objective over the tables; the table, or None where none fits. Counts beyond any need are cut off."""
    equal = low == high
    bounded = ~equal & np.isfinite(high)
    ceiling = max(10.0 * threshold, 2 * float(np.abs(high[np.isfinite(high)]).max(initial=0)))

    def solve(objective):
        solution = linprog(
            objective,
            A_eq=matrix[equal] if equal.any() else None,
            b_eq=low[equal] if equal.any() else None,
            A_ub=_both(matrix, bounded, low) if bounded.any() else None,
            b_ub=np.concatenate([high[bounded], -low[bounded & np.isfinite(low)]])
            if bounded.any()
            else None,
            bounds=(0, ceiling),
            method="highs",
        )
        return solution.x

    return solve


def _both(matrix, bounded, low):
    from scipy.sparse import vstack

    return vstack([matrix[bounded], -matrix[bounded & np.isfinite(low)]]).tocsr()


def given_away(releases, truth, threshold, anyway=None):
    """The withheld counts recovered: small in `truth` (name -> count), and put less than `threshold` apart around it.

    `anyway`: a release that shows nothing but what is always shown; what that alone tells is not held against the others.
    """
    found = narrow(releases, truth, threshold)
    told = {
        n: ends
        for n, ends in found.items()
        if 0 < truth.get(n, 0) < threshold and ends[0] <= truth[n] <= ends[1]
    }
    if anyway is None or not told:
        return told
    known = narrow([anyway], truth, threshold)
    least = {n: known[n][1] - known[n][0] if n in known else threshold for n in told}
    return {n: ends for n, ends in told.items() if ends[1] - ends[0] < least[n]}


def counts(frame):
    """Name -> count of unsuppressed observations."""
    return _shown([frame.with_columns(pl.lit("F").alias("conf_status"))])[0]
