"""Analyst: the read-only handle of notebooks, with plots, names and the lineage table.

Takes a frozen release; gives Polars frames and Plotly figures. May import publish and what lies below it.
"""
