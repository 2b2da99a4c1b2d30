"""Joins sentences that the layout cut: finds which loose end continues in which loose beginning."""
