"""Looks at everything that keeps an add-in from working in practice, and says how to mend each."""

from addin.doctor.examining import examine
from addin.doctor.finding import Finding, Verdict

__all__ = ["Finding", "Verdict", "examine"]
