"""The report: ``docs/benchmarks/*.json`` as pages with charts. It measures nothing itself and invents nothing.

An input that is not there becomes a line that says how to measure it; one that was simulated says so wherever it shows.
"""
