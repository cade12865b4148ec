"""The read-only handle of notebooks, with plots, names and the lineage table.

Takes a frozen release; gives Polars frames and Plotly figures.
"""
