"""The runners over the job table."""
