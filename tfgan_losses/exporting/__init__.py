"""A trained generator for other programs: one file for each format, checked by its own runtime."""
