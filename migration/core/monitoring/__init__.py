"""PURE: what is measured, how durations are kept, when an alert fires and a guard breaks."""
