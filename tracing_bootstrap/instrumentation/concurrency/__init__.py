"""Patches for threads, pools and processes: the context goes where the work goes, and the last spans leave."""
