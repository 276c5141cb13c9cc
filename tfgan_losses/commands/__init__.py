"""What `python -m tfgan_losses <command>` runs: one file for each command."""
