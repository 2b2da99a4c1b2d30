"""Which loose end goes on in which loose beginning: seams, scores, assignment."""
