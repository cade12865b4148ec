"""Release: frames into a folder with manifest and signature, frozen as a revision, found again.

Takes shown frames; gives files. May import the other parts of publish.
"""
