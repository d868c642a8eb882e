"""The rules: what is compared with what, and what a decision means. No input or output, and no clock."""
