"""What `generate.py` is made of: odd responses, the real library on them, ours,
and the comparison."""
