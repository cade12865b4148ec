"""From frames to what people read: the release folder, the report to the prefecture, tables, charts, exchange files."""
