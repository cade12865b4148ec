"""The attacker's linear program and what its duals say about every other pattern of withheld cells.

With z the change from the true table, a pattern y (1 = withheld) lets the attacker move z_i between -a_i y_i and
u_i y_i. Weak duality turns the duals of the widest interval of one cell into a bound on its width that is linear in y:
`constant + coefficients @ y`. Asking that bound to be at least the width the profile wants is a cut that every safe
pattern meets (Fischetti and Salazar, Management Science 47, 2001, section 4: capacity constraints).
"""

from dataclasses import dataclass

import numpy as np

from minzheng.disclosure.system import Rows

TINY = 1e-7


@dataclass(frozen=True)
class Cut:
    """`coefficients @ y >= least` holds for every safe pattern y."""

    coefficients: np.ndarray
    least: float


@dataclass(frozen=True)
class Extreme:
    """The furthest the attacker can put one cell in one direction: the move, and its bound over all patterns."""

    reach: float
    move: np.ndarray
    constant: float
    coefficients: np.ndarray


def extreme(
    rows: Rows, truth: np.ndarray, free: np.ndarray, cell: int, sign: int, cap: int
) -> Extreme:
    """Solve max sign * z_cell over the cells marked in `free`; the cell itself moves by `cap` at most."""
    from scipy.optimize import linprog

    columns = np.flatnonzero(free)
    activity = rows.matrix @ truth
    equal = rows.low == rows.high
    at_most, most = rows.matrix[~equal], (rows.high - activity)[~equal]
    objective = np.zeros(len(truth))
    objective[cell] = -sign
    upper = np.where(np.arange(len(truth)) == cell, float(cap), np.inf)
    solution = linprog(
        objective[columns],
        A_eq=rows.matrix[equal][:, columns] if equal.any() else None,
        b_eq=np.zeros(equal.sum()) if equal.any() else None,
        A_ub=at_most[:, columns] if len(at_most) else None,
        b_ub=most if len(at_most) else None,
        bounds=np.column_stack([-truth[columns], upper[columns]]),
        method="highs",
    )
    priced, constant = objective.copy(), 0.0
    if equal.any():
        priced -= rows.matrix[equal].T @ solution.eqlin.marginals
    if len(at_most):
        priced -= at_most.T @ solution.ineqlin.marginals
        constant = -float(most @ solution.ineqlin.marginals)
    priced[np.abs(priced) < TINY] = 0
    rising = np.where(priced < 0, -priced, 0)
    bound = np.where(priced > 0, priced, 0) * truth + np.where(
        rising > 0, rising * np.where(rising > 0, upper, 0), 0
    )
    move = np.zeros(len(truth))
    move[columns] = solution.x
    return Extreme(-solution.fun, move, constant, bound)


def reach(
    rows: Rows,
    truth: np.ndarray,
    free: np.ndarray,
    cell: int,
    sign: int,
    cap: int,
    *,
    whole: bool = False,
) -> np.ndarray:
    """The move of `extreme` alone, without its duals, in a third of the time; `whole`: in whole numbers."""
    from scipy.optimize import Bounds, LinearConstraint, milp

    columns = np.flatnonzero(free)
    matrix = rows.matrix[:, columns]
    touched = matrix.any(axis=1)
    activity = rows.matrix[touched] @ truth
    objective = np.where(columns == cell, -float(sign), 0.0)
    bounds = Bounds(-truth[columns].astype(float), np.where(columns == cell, float(cap), np.inf))
    held = [
        LinearConstraint(
            matrix[touched], rows.low[touched] - activity, rows.high[touched] - activity
        )
    ]
    move = np.zeros(len(truth))
    move[columns] = milp(
        objective,
        integrality=np.full(len(columns), int(whole)),
        bounds=bounds,
        constraints=held if touched.any() else [],
    ).x
    return move


def width_cut(
    up: Extreme, down: Extreme, cell: int, width: int, always: bool, known: list[int]
) -> Cut:
    """The cut that asks for an interval of `width` at `cell`: always, or only where the cell is withheld."""
    constant = up.constant + down.constant
    coefficients = up.coefficients + down.coefficients
    coefficients[known] = 0
    own = coefficients[cell]
    if always:
        least = width - constant - own
        coefficients = np.minimum(coefficients, max(least, 0))
        coefficients[cell] = 0
    else:
        least = -constant
        coefficients = np.minimum(coefficients, width)
        coefficients[cell] = min(own - width, 0)
    return Cut(coefficients, least - 1e-6)


def cheapest_move(
    rows: Rows, truth: np.ndarray, free: np.ndarray, price: np.ndarray, cell: int, amount: int
):
    """The move of `cell` by `amount` whose other changes cost least (price x size) ; None if there is none.

    The linear program that Kelly, Golden and Assad (Networks 22, 1992) use to choose complementary cells one small cell
    at a time: cells with a change are to be withheld, cells withheld already cost nothing.
    """
    from scipy.optimize import Bounds, LinearConstraint, milp

    columns = np.flatnonzero(free)
    activity = rows.matrix @ truth
    matrix = rows.matrix[:, columns]
    low, high = rows.low - activity, rows.high - activity
    fall = truth[columns].astype(float)
    rise = np.full(len(columns), np.inf)
    fall[columns == cell], rise[columns == cell] = max(-amount, 0), max(amount, 0)
    least = np.zeros(2 * len(columns))
    least[np.flatnonzero(columns == cell) + (0 if amount > 0 else len(columns))] = abs(amount)
    most = np.concatenate([rise, fall])
    if (least > most).any() or truth[cell] + amount < 0:
        return None
    both = np.hstack([matrix, -matrix])
    costs = np.concatenate([price[columns]] * 2)
    solution = milp(
        costs, bounds=Bounds(least, most), constraints=[LinearConstraint(both, low, high)]
    )
    if solution.status != 0:
        return None
    move = np.zeros(len(truth))
    move[columns] = solution.x[: len(columns)] - solution.x[len(columns) :]
    move[np.abs(move) < TINY] = 0
    return move
