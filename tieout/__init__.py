"""The program: which commands there are in this installation."""
