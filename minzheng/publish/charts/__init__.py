"""Charts: one model of a chart, drawn as SVG and as a Plotly figure.

Takes shown frames; gives pictures. May import the read model of publish.
"""
