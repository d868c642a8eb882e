"""The Excel file: one declared layout, its writer and its reader."""
