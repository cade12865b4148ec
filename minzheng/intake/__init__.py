"""The intake: every file of the landing folder is archived, read in a sandbox, judged and loaded; nothing slips past.

`take_in` is the front door. The way of a file: gate (`gate`) → cells as text (`workbook`, `delimited`) → header, month and
scope (`header`, `scope`) → typed columns (`types`) → rules that quarantine a row (`rules`) → verdict (`take`).
"""

__all__ = ["FileVerdict", "IntakeReport", "open_intake", "take_in"]


def __getattr__(name: str) -> object:
    """The front door is loaded by who comes through it: a reading child needs neither DuckDB nor what holds the keys."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from minzheng.intake import take

    return getattr(take, name)
