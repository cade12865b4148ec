"""Tables: the workbook beside the report.

Takes shown frames; gives tables.xlsx. May import the read model of publish.
"""
