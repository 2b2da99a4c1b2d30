"""The jail for parsers: a file is read in a process of its own, with limits; one that exceeds them fails alone."""

from vectorstore.reading.jail.parent import draw_in_jail, read_in_jail

__all__ = ["draw_in_jail", "read_in_jail"]
