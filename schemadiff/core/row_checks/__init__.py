"""Will a plan's statements work on the rows that are there? What has to be counted to know it."""

from schemadiff.core.row_checks.check import NotCounted as NotCounted
from schemadiff.core.row_checks.check import RowCheck as RowCheck
from schemadiff.core.row_checks.check import Trouble as Trouble
from schemadiff.core.row_checks.of_plan import row_checks as row_checks
from schemadiff.core.row_checks.remedies import Remedy as Remedy
from schemadiff.core.row_checks.remedies import Way as Way
from schemadiff.core.row_checks.remedies import remedies_of as remedies_of
