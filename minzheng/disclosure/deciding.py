"""One month of linked tables: which counts stay inside, given what is out already."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from minzheng.disclosure.defending import Defence
from minzheng.disclosure.linking import Count, Tables, Tie
from minzheng.disclosure.protecting import defend
from minzheng.disclosure.rules import Profile, Weights
from minzheng.disclosure.system import Rows, components, lone_people

FAR = 4
HEADLINE = 20


@dataclass
class Decision:
    """What one month's counts came to.

    `hidden`: counts withheld; `primary`: those withheld as small or before; `unprotected`: counts that what is public
    already gives away; `proved`: components solved to a proved optimum, of `solved`.
    """

    hidden: set[Count] = field(default_factory=set)
    primary: set[Count] = field(default_factory=set)
    unprotected: set[Count] = field(default_factory=set)
    solved: int = 0
    proved: int = 0


@dataclass
class Past:
    """The months decided: their counts, which of them stay unknown, and the ties that hold unknown ones together."""

    value: dict[Count, int] = field(default_factory=dict)
    hidden: set[Count] = field(default_factory=set)
    ties: list[Tie] = field(default_factory=list)
    closed: set[Count] = field(default_factory=set)  # withheld last month and not followed further

    def loose(self, tie: Tie) -> bool:
        """Whether the tie leads to a count of last month that is withheld and not followed."""
        return not self.closed.isdisjoint(tie.terms)

    def take_in(self, now: Tables, ties: Collection[Tie], decision: Decision, cumulative: Collection[str]) -> None:
        """Add a month and its decision, and forget what later months do not hang together with.

        A rest stays unknown where one of its parts is withheld. Only year-to-date counts are kept: the flows that lead
        from one month's stock to the next hold approximately, and where last month's stock is withheld too they are
        left to the attack on the whole release.
        """
        rests = {count for count in now.value if count.part == "r"}
        closed = {c for c in rests if decision.hidden & {c._replace(part="n"), c._replace(part="d")}}
        month = next((count.month for count in now.value), "")
        kept = {c for c in self.hidden if c.indicator in cumulative and c.month[:4] == month[:4]}
        forgotten = self.hidden - kept
        running = {c for c in decision.hidden | closed if c.indicator in cumulative}
        self.hidden, self.closed = kept | running, (decision.hidden | closed) - running
        forgotten |= self.closed
        self.value |= now.value
        held = [tie for tie in (*self.ties, *ties) if not self.hidden.isdisjoint(tie.terms)]
        self.ties = [tie for tie in held if forgotten.isdisjoint(tie.terms)]


def sort_ties(ties: Collection[Tie], truth: Mapping[Count, int], threshold: int) -> tuple[list, list[int], list]:
    """Ties as identities with remainders, and inequalities.

    A sum that is off by less than the threshold (a person on two townships' rolls) is given to the attacker as exact,
    with its remainder; one further off only as what holds of it; an approximate one further off not at all. An
    inequality with room for `FAR` thresholds narrows nothing that matters and is left to the attack.
    """
    identities, remainders, inequalities = [], [], []
    for terms, at_most, approximate in ties:
        total = sum(truth[count] * value for count, value in terms.items())
        if at_most:
            inequalities += [terms] if -FAR * threshold < total <= 0 else []
        elif abs(total) < threshold:
            identities.append(terms)
            remainders.append(total)
        elif not approximate:
            sign = 1 if total < 0 else -1
            inequalities.append({count: sign * value for count, value in terms.items()})
    return identities, remainders, inequalities


def decide(
    now: Tables,
    ties: Collection[Tie],
    profile: Profile,
    weights: Weights,
    *,
    past: Past | None = None,
    public: Collection[Count] = (),
    sticky: Collection[Count] = (),
    memory: dict | None = None,
    spared: frozenset[Count] = frozenset(),
) -> Decision:
    """Withhold the small counts of a month, those withheld before (`sticky`), and the least else that protects them.

    `past`: the months before, whose withheld counts the new month must not betray either. `public`: counts of this month that an
    earlier release shows as they are now. `memory`: answers for tables met before, filled as it goes.
    Totals of `HEADLINE` thresholds and more are shown, which readers want and which lets the tables fall apart into
    small ones; where a small count cannot be protected so, those near it (`spared`) may be withheld after all.
    """
    memory = {} if memory is None else memory
    past = past or Past()
    truth = past.value | now.value
    open_ = set(now.given) | set(public)
    large = HEADLINE * profile.threshold
    heads = {c for c, v in now.value.items() if c.dimension == "_T" and v >= large and c.part != "r"} - set(sticky)
    open_ |= heads - spared
    small = {count for count, value in now.value.items() if 0 < value < profile.threshold}
    if profile.zeros == "withhold":
        small |= {count for count, value in now.value.items() if value == 0 and count.dimension != "_T"}
    asked = (small | set(sticky)) - open_
    rests = {count for count in now.value if count.part == "r"}
    must = asked | rests | past.hidden
    tied = [*past.ties, *(tie for tie in ties if not (tie.approximate and past.loose(tie)))]
    identities, remainders, inequalities = sort_ties(tied, truth, profile.threshold)
    slack = _slack(identities, remainders)
    unknown = (set(now.value) - open_) | past.hidden
    constants = {count: value for count, value in truth.items() if count not in unknown}
    people = lone_people([count for count in must & unknown if truth[count] == 1], [*identities, *inequalities])
    found = Decision(set(asked), set(asked), (small & open_) - rests)
    settled = set(sticky) | rests | past.hidden  # nothing is left to decide about these
    whole = 1.0 + sum(now.value.values())
    for rows in components(unknown, constants, identities, inequalities, remainders):
        small_inside = any(0 < truth[c] < profile.threshold for c in rows.names if c in must)
        if asked.isdisjoint(rows.names) and not small_inside:
            continue
        if settled.issuperset(rows.names):
            found.hidden |= set(rows.names)
            continue
        costs = {count: _cost(count, truth[count] / whole, weights) for count in rows.names}
        lone = [person for person in people if not person.isdisjoint(rows.names)]
        room = max((slack.get(count, 0) for count in rows.names), default=0)
        defence = _solve(rows, truth, must, costs, profile.threshold, lone, room, memory)
        found.solved += 1
        found.proved += defence.optimal
        found.hidden |= {count for count, out in zip(rows.names, defence.hidden, strict=True) if out}
        found.unprotected |= {rows.names[i] for i in defence.lost}
    month = {count for count in found.hidden if count in now.value}
    found.hidden = month - rests
    near = _near(found.unprotected - set(public), tied) & heads - spared - set(public) - now.given
    if near:
        return decide(
            now, ties, profile, weights, past=past, public=public, sticky=sticky, memory=memory, spared=spared | near
        )
    return found


def _near(counts: Collection[Count], ties: Collection[Tie]) -> set[Count]:
    """The counts at most two ties away."""
    reached = set(counts)
    for _ in range(2):
        reached |= {count for tie in ties if not reached.isdisjoint(tie.terms) for count in tie.terms}
    return reached


def _slack(identities: list, remainders: list[int]) -> dict[Count, int]:
    slack: dict[Count, int] = defaultdict(int)
    for terms, remainder in zip(identities, remainders, strict=True):
        if remainder:
            for count in terms:
                slack[count] = max(slack[count], abs(remainder))
    return slack


def _cost(count: Count, share: float, weights: Weights) -> float:
    level = {6: weights.county, 9: weights.township}.get(len(count.area), weights.village)
    return level * (weights.total if count.dimension == "_T" else 1) * (1 + share)


def _solve(rows: Rows, truth, must, costs, threshold: int, people: list, room: int, memory: dict) -> Defence:
    """Solve a component; the same table in another month has the same answer."""
    months = {count.month for count in rows.names}
    ago = {month: months_between(month, max(months)) for month in months}
    place = tuple((*count[:3], ago[count.month], *count[4:]) for count in rows.names)
    asked = tuple(count in must for count in rows.names)
    values = tuple(truth[count] for count in rows.names)
    lone = tuple(tuple(count in person for count in rows.names) for person in people)
    price = tuple(costs[count] for count in rows.names)
    key = (place, asked, values, lone, price, room, rows.matrix.tobytes(), rows.low.tobytes(), rows.high.tobytes())
    if key not in memory:
        memory[key] = defend(rows, truth, must, costs, threshold, people, slack=room)
    return memory[key]


def months_between(first: str, last: str) -> int:
    """Months from `first` to `last`, both YYYY-MM."""
    return 12 * (int(last[:4]) - int(first[:4])) + int(last[5:]) - int(first[5:])
