"""Which cells of a release stay inside: month after month, scope after scope, system after system."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from minzheng.disclosure.closing import Closing
from minzheng.disclosure.linking import Count
from minzheng.disclosure.panel import Panel, Scope
from minzheng.disclosure.recalling import Recall, digest
from minzheng.disclosure.rules import Profile, Weights
from minzheng.disclosure.system import Rows

HEADLINE = 20
"""A total of so many thresholds is what readers come for."""


@dataclass
class Decision:
    """`hidden`: rows withheld, `primary` of them as small or withheld before; `open`: counts that stay given away, since
    earlier releases show too much; `solved`: systems looked at; `proofs`: tables that look the same, as changes of counts,
    of the systems solved anew."""

    hidden: set[int]
    primary: set[int]
    open: set[Count] = field(default_factory=set)
    solved: int = 0
    proofs: list[dict[Count, int]] = field(default_factory=list)


def small(truth: Mapping[Count, int], profile: Profile, count: Count) -> bool:
    """Whether the count could single out a person."""
    return 0 < truth[count] < profile.threshold


def price(truth: Mapping[Count, int], profile: Profile, weights: Weights, count: Count) -> float:
    """What it costs to withhold a count: by level, totals and headlines more, large counts up to twice as much."""
    level = {6: weights.county, 9: weights.township}.get(len(count.area), weights.village)
    total = weights.total if count.dimension == "_T" else 1
    head = weights.headline if count.dimension == "_T" and truth[count] >= HEADLINE * profile.threshold else 1
    return level * total * head * (1 + truth[count] / (truth[count] + 100))


def decide(panel: Panel, primary: Collection[int], profile: Profile, weights: Weights, recall: Recall) -> Decision:
    """Withhold the rows `primary` and the least else that protects them."""
    found = Decision(set(primary), set(primary))
    for month in panel.months:
        for scope, rows in at_stake(panel, month, panel.truth.keys(), found.hidden, profile.threshold):
            if all(panel.row[count] in found.hidden for count in rows.names):
                continue  # nothing is left to withhold; what that gives away the gate will tell
            values = np.array([panel.truth[count] for count in rows.names])
            hidden = np.array([panel.row[count] in found.hidden for count in rows.names])
            key = digest(rows, values, hidden, repr(sorted(scope.judged)), profile.model_dump_json())
            kept = recall.find(key)
            if kept is None:
                closing = Closing(
                    rows, panel.truth, panel.row, found.hidden, profile.threshold,
                    lambda count: small(panel.truth, profile, count),
                    lambda count: price(panel.truth, profile, weights, count),
                    settle=True,
                )  # fmt: skip
                closing.close(lambda count, scope=scope: count.month in scope.judged)
                kept = [{count for count in rows.names if panel.row[count] in closing.added}, set(closing.open)]
                recall.keep(key, *kept)
                found.proofs += closing.proofs
            found.hidden |= {panel.row[count] for count in kept[0]}
            found.open |= kept[1]
            found.solved += 1
    return found


def at_stake(
    panel: Panel, month: str, unknown: Collection[Count], hidden: Collection[int], threshold: int
) -> Iterator[tuple[Scope, Rows]]:
    """The systems of `unknown` counts to judge once `month` is there: those that hold a withheld count to be judged."""
    for scope in panel.scopes(month):
        for rows in panel.systems(scope, unknown, threshold):
            inside = [count for count in rows.names if panel.row[count] in hidden]
            through = not scope.through or not scope.through.isdisjoint(inside)
            if through and any(count.month in scope.judged for count in inside):
                yield scope, rows
