"""The assets, layer by layer: raw, register, lead, indicator, publication. Wiring only; computing lives in `minzheng` and `sql/`."""
