"""The suite's measurements against their stated limits. Run by ``make bench``; needs the development packages.

Every server that is measured is started here, on 127.0.0.1, and every loop is bounded in count and time.
"""
