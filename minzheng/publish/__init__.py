"""From frames to what people read: the release folder, report, tables, charts, exchange files, site and notebooks' handle.

Takes shown frames; gives files. May import disclosure and what lies below it.
"""
