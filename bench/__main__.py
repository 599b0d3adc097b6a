"""Run every measurement and print its figures."""

from bench import custody, step

if __name__ == "__main__":
    step.measure()
    custody.measure()
