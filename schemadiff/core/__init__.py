"""The pure core: values and rules, without Django, driver, clock or environment."""
