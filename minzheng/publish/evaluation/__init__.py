"""The evaluation of a plan: a document and a release of its own, and what frozen ones hand on to the months after."""
