"""The flags in an application's memory: one question an interval, and permission to write as a lease.

Knows no Django: an application imports it alone. `FlagClient` is used directly, `FlagProvider` through the
OpenFeature SDK.
"""

from migration.access.flag_client.client import FlagClient as FlagClient
from migration.access.flag_client.events import Changed as Changed
from migration.access.flag_client.events import Failed as Failed
from migration.access.flag_client.events import FlagEvent as FlagEvent
from migration.access.flag_client.events import Ready as Ready
from migration.access.flag_client.events import Stale as Stale
from migration.access.flag_client.provider import FlagProvider as FlagProvider
from migration.access.flag_client.settings import ClientSettings as ClientSettings
