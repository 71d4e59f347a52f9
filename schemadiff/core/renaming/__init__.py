"""Objects that have another name on the other side: renamed rather than dropped and made anew."""

from schemadiff.core.renaming.confirmed import Rename as Rename
from schemadiff.core.renaming.confirmed import confirmed as confirmed
from schemadiff.core.renaming.moved_extensions import follow_extensions as follow_extensions
from schemadiff.core.renaming.proposals import Candidate as Candidate
from schemadiff.core.renaming.proposals import RenameProposal as RenameProposal
from schemadiff.core.renaming.proposals import propose_renames as propose_renames
from schemadiff.core.renaming.renamed import Renamed as Renamed
from schemadiff.core.renaming.renamed import rename as rename
from schemadiff.core.renaming.renamed import rename_implied as rename_implied
