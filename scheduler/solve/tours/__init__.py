"""Rosters as tours: one agent's whole sequence of shifts at once, priced against everybody else's.

A tour is found exactly, by a shortest path over days that knows every rule about one agent; agents meet only
in the cover they give, which has a convex price.
"""
