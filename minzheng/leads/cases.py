"""Cases: leads joined over months under one identity."""


def rebuild_cases(connection, months):
    """Nothing yet."""
