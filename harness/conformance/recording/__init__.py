"""What `record_traces.py` records: cases of each kind, and what they share."""
