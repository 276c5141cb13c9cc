"""The command line of train.py: its flags, what they resolve to, and presets of them."""
