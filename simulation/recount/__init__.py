"""The right figures, counted again from the simulator's own records, in Polars and by the contract's words alone.

Nothing here reads a file, the warehouse or the project's SQL: it is the other side of a comparison.
"""
