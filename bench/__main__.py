"""Run every measurement, or the named ones: `python -m bench [step] [custody] [items] [files[=MiB]]`."""

import sys

from bench import custody, files, items, step

MEGABYTE = 1024 * 1024
MEASUREMENTS = {"step": step.measure, "custody": custody.measure, "items": items.measure, "files": files.measure}

if __name__ == "__main__":
    for given in sys.argv[1:] or MEASUREMENTS:
        name, _, size = given.partition("=")
        if size:
            files.measure(int(size) * MEGABYTE)
        else:
            MEASUREMENTS[name]()
