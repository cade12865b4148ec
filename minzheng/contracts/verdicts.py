"""The verdicts on a file, as ledger, warehouse and pages name them."""

VERDICTS = {
    "accept": "接收",
    "accept_partial": "部分接收",
    "supersede": "更正替换",
    "reject_file": "退回",
    "duplicate": "重复",
    "hold": "待确认",
    "ignore": "不处理",
}
ACCEPTED = ("accept", "accept_partial", "supersede")
"""Those that bring a file's rows into the warehouse."""
