"""The intake: every file of the landing folder is archived, read in a sandbox, judged and loaded; nothing slips past.

`take_in` is the front door. The way of a file: gate (`gate`) → cells as text (`workbook`, `delimited`) → header, month and
scope (`header`, `scope`) → typed columns (`types`) → rules that quarantine a row (`rules`) → verdict (`take`).
"""

from minzheng.intake.take import FileVerdict, IntakeReport, open_intake, take_in

__all__ = ["FileVerdict", "IntakeReport", "open_intake", "take_in"]
