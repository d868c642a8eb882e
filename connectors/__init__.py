"""Readers of PSA and vendor data: each source is declared as data over one small engine."""
