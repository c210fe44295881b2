"""The report's sections: each has a ``write…(page, data)`` that says and draws what one file of measurements holds."""
