"""Report: the monthly report as typed blocks, its docx and pdf, and the forms of the Ministry.

Takes shown frames; gives documents. May import the read model of publish.
"""
