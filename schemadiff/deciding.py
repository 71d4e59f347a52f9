"""An option is chosen: what stands in its way first, then the record of who, why, and on which figures."""

from collections.abc import Mapping as Dictionary

from django.contrib.auth.models import User

from schemadiff import store
from schemadiff.core.errors import Refused
from schemadiff.core.options.option import OptionName
from schemadiff.models import Comparison, Decision


def obstacles(comparison: Comparison, option: OptionName) -> tuple[str, ...]:
    """What must be done before the option can be decided on, as sentences; none if it can be."""
    try:
        return store.option_of(comparison, option).blockers
    except Refused as refusal:
        return (str(refusal),)


def decide(
    comparison: Comparison,
    option: OptionName,
    *,
    reason: str,
    why_not: Dictionary[OptionName, str],
    user: User,
) -> Decision:
    """Record the choice; it supersedes the one in force. Raises Refused while something stands in its way."""
    found = obstacles(comparison, option)
    if found:
        more = f" ({len(found) - 1} more such reasons)" if len(found) > 1 else ""
        raise Refused(f"{option.value.capitalize()} cannot be decided on yet: {found[0]}{more}")
    return store.record_decision(comparison, option, reason=reason, why_not=why_not, user=user)
