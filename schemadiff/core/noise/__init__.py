"""What people do not want to see of a comparison, and what alone they want of it.

Both are one mechanism: a catalog is made out of the two that are compared, and the target is compared with that and
planned towards that. What is shown and what the script holds cannot disagree then.
"""
