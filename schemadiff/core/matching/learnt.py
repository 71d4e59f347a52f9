"""What the matcher has learnt, oldest first: suggestions made before know nothing of what came after."""

LEARNT = (
    "to see tables that were split",
    "to read the comments of columns and tables",
    "to see tables whose rows go where another one's go",
)
VERSION = len(LEARNT)


def learnt_since(version: int) -> str:
    """What suggestions of that version lack, as the end of a sentence; empty where they lack nothing."""
    return " and ".join(LEARNT[version:])
