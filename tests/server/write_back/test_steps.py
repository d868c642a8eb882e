"""Dated steps through the whole loop: read, compared, decided in steps, written by HTTP, invoiced as worked out by hand, undone."""



