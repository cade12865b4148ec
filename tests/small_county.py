"""A simulated county of six thousand: small enough to be taken through the warehouse over years."""

from simulation import parameters

PEOPLE = 6000


def smaller(patch):
    """Let the simulator make a county of `PEOPLE`; `patch` is pytest's."""
    known = parameters.county()
    people = known.population_2020.model_copy(update={"value": PEOPLE})
    small = known.model_copy(update={"population_2020": people})
    patch.setattr(parameters, "county", lambda: small)
