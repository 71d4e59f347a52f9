"""The pure core of runs and flags: values and rules, without Django, driver, clock or environment."""
