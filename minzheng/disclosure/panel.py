"""A release as linear systems: the counts of all its months, and the scopes in which they are judged.

Judging a month needs few of the others. In a scope some counts may move, all others stand at their true value and are
told to the attacker, also where they are withheld; what is safe there is safe from whoever knows less. Three scopes cover
everything: a month by itself; the counts that run through a year, together; and for the month before whatever its withheld
stocks move in the flows of the new month, with the new stocks told, so that the chain of months ends there.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain

import polars as pl

from minzheng.disclosure.linking import Count, Tables, Tie, counted, tables, ties
from minzheng.disclosure.rules import Rules, read_term
from minzheng.disclosure.system import Rows, components


@dataclass(frozen=True)
class Scope:
    """What is judged together. `loose`: counts that may move; `judged`: the months whose counts are looked at; `sums`: ties
    among loose counts and others; `through`: where none of these is withheld, an earlier scope has said it all."""

    loose: frozenset[Count]
    judged: frozenset[str]
    sums: tuple[Tie, ...]
    through: frozenset[Count] = frozenset()


@dataclass
class Panel:
    """The counts of all months, oldest first, with their ties.

    `row`: the observation that shows each count; `given`: counts of cells that do not apply; `fixed`: those, and counts that
    are public: nothing can move them; `running`: indicators that count
    through a year; `stocks`: (indicator, part, dimension, code) that the sums of the next month start from.
    """

    months: dict[str, Tables] = field(default_factory=dict)
    sums: dict[str, list[Tie]] = field(default_factory=dict)
    truth: dict[Count, int] = field(default_factory=dict)
    row: dict[Count, int] = field(default_factory=dict)
    given: set[Count] = field(default_factory=set)
    fixed: set[Count] = field(default_factory=set)
    running: frozenset[str] = frozenset()
    stocks: frozenset[tuple] = frozenset()

    def follow(self, rows: Collection[int]) -> set[Count]:
        """Fix what the counts of the rows give away by themselves, and return it with them.

        That is, again and again, the one count of an exact sum that they leave.
        """
        given = self.given | {count for count, row in self.row.items() if row in rows}
        every = chain.from_iterable(self.sums.values())
        exact = [tie.terms for tie in every if not (tie.at_most or tie.approximate)]
        waiting = [
            terms for terms in exact if not sum(self.truth[c] * value for c, value in terms.items())
        ]
        derived = True
        while derived:
            left = [[count for count in terms if count not in given] for terms in waiting]
            derived = {counts[0] for counts in left if len(counts) == 1}
            given |= derived
        self.fixed |= given
        return given

    def beside(self, counts: Collection[Count]) -> set[int]:
        """The rows that share a sum with one of the counts and may be withheld."""
        sums = (tie.terms for tie in chain.from_iterable(self.sums.values()))
        near = (terms for terms in sums if not terms.keys().isdisjoint(counts))
        return {self.row[count] for count in set().union(*near) - self.fixed}

    def scopes(self, month: str) -> Iterator[Scope]:
        """The scopes to judge once `month` is there, as the newest; those of months before it come with them."""
        own, names = self._loose(month), list(self.months)
        at = names.index(month)
        yield Scope(frozenset(own), frozenset([month]), tuple(self.sums[month]))
        if at:
            last = names[at - 1]
            before = self._loose(last)
            sums = (*self.sums[last], *self.sums[month])
            stocks = frozenset(count for count in before if self._is_stock(count))
            flows = {count for count in own if not self._is_stock(count)}
            yield Scope(frozenset(before | flows), frozenset([last]), sums, stocks)
        if at + 1 == len(names) or names[at + 1][:4] != month[:4]:
            year = [name for name in names[: at + 1] if name[:4] == month[:4]]
            counts = chain.from_iterable(self.months[name].value for name in year)
            running = frozenset(c for c in counts if c.indicator in self.running)
            sums = chain.from_iterable(self.sums[name] for name in year)
            yield Scope(running, frozenset(year), tuple(sums))

    def _is_stock(self, count: Count) -> bool:
        return (count.indicator, count.part, count.dimension, count.code) in self.stocks

    def _loose(self, month: str) -> set[Count]:
        return {count for count in self.months[month].value if count.indicator not in self.running}

    def systems(self, scope: Scope, unknown: Collection[Count], threshold: int) -> list[Rows]:
        """The systems left when all but the `unknown` loose counts are told.

        A sum that is off by less than the threshold (a person on two townships' rolls) is told with its remainder; one
        further off only as what holds of it, an approximate one not at all.
        """
        free = scope.loose.intersection(unknown) - self.fixed
        identities, remainders, inequalities = [], [], []
        for terms, at_most, approximate, known in scope.sums:
            if free.isdisjoint(terms):
                continue
            total = sum(self.truth[count] * value for count, value in terms.items())
            if at_most:
                inequalities += [terms] if total <= 0 else []
            elif known or abs(total) < threshold:
                identities.append(terms)
                remainders.append(total)
            elif not approximate:
                sign = 1 if total < 0 else -1
                inequalities.append({count: sign * value for count, value in terms.items()})
        fixed = {}
        for terms in (*identities, *inequalities):
            fixed |= {count: self.truth[count] for count in terms if count not in free}
        return components(free, fixed, identities, inequalities, remainders)


def panel(
    observations: pl.DataFrame,
    registry: Mapping,
    rules: Rules,
    previous: Sequence[pl.DataFrame] = (),
    public: Collection[int] = (),
) -> Panel:
    """The panel of unsuppressed observations; `previous` as published, `public`: rows that they show as they are now."""
    frame = counted(observations.with_columns(conf_status=pl.lit("F")), registry, rules)
    chains = [[read_term(text) for text in relation.sum] for relation in rules.relations]
    chained = chain.from_iterable(terms for terms in chains if any(t.before for t in terms))
    found = Panel(
        running=_running(registry, rules),
        stocks=frozenset(
            (term.indicator, term.part, term.dimension, term.code)
            for term in chained
            if term.before
        ),
    )
    before = None
    for (month,), rows in frame.sort("time_period", maintain_order=True).group_by(
        "time_period", maintain_order=True
    ):
        now = tables(rows, rules)
        found.months[month] = now
        found.sums[month] = list(ties(now, before, rules, found.running))
        found.truth |= now.value
        found.row |= now.row
        found.given |= now.given
        before = now
    found.fixed = found.given | {count for count, row in found.row.items() if row in public}
    for frame in previous:
        _add_earlier(found, frame, registry, rules)
    return found


def _running(registry: Mapping, rules: Rules) -> frozenset[str]:
    """The indicators that run through a year: those that count from January, and those tied to them."""
    running = {code for code, indicator in registry.items() if indicator.measure == "ytd"}
    sums = [[read_term(text) for text in relation.sum] for relation in rules.relations]
    groups = [
        {term.indicator for term in terms}
        for terms in sums
        if not any(term.before for term in terms)
    ]
    while more := set().union(*(tied for tied in groups if not running.isdisjoint(tied))) - running:
        running |= more
    return frozenset(running)


def _add_earlier(panel: Panel, released: pl.DataFrame, registry: Mapping, rules: Rules) -> None:
    """The sums that an earlier release shows with other numbers than now, where they still hold for what it withheld.

    Whoever takes withheld counts for unchanged has two equations for them.
    """
    frame = counted(released, registry, rules)
    for (month,), rows in frame.group_by("time_period", maintain_order=True):
        then = tables(rows, rules)
        shown = {c: v for c, v in then.value.items() if v is not None}
        changed = {c for c, v in shown.items() if c in panel.truth and panel.truth[c] != v}
        if month not in panel.months or not changed:
            continue
        for tie in ties(then, None, rules, panel.running):
            hidden = {count: value for count, value in tie.terms.items() if count not in shown}
            if (
                tie.at_most
                or not hidden
                or changed.isdisjoint(tie.terms)
                or not panel.truth.keys() >= hidden.keys()
            ):
                continue
            told = sum(shown[count] * value for count, value in tie.terms.items() if count in shown)
            if told + sum(panel.truth[count] * value for count, value in hidden.items()) == 0:
                panel.sums[month].append(Tie(hidden, False, False, published=True))
