"""Use cases: one function per thing a person or a machine can ask for."""
