"""The application for a WSGI server. Starts the embedded database where `DATABASE_URL` is not set."""

import atexit
import os
from importlib import import_module

from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = get_wsgi_application()
import_module(settings.ROOT_URLCONF)  # all views, so that the first page does not wait for them

from config import appdb  # noqa: E402  the apps have to be loaded first

appdb.ensure_running()
atexit.register(appdb.stop_if_started)
