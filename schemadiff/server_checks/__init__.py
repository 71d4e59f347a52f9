"""EDGE: is this database ready to be compared, read from and written to? Each check by itself."""

from schemadiff.server_checks.checking import check_server
from schemadiff.server_checks.values import Address, Check, CheckState

__all__ = ["Address", "Check", "CheckState", "check_server"]
