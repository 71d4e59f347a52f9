"""Django's settings. Reading them starts nothing and writes nothing."""

from typing import Any, cast

import django_stubs_ext
from django.utils.functional import SimpleLazyObject

from config import appdb_settings, email_settings, environment

django_stubs_ext.monkeypatch()  # so that `ModelForm[Project]` can be written at run time, too

BASE_DIR = environment.BASE_DIR
DATA_DIR = environment.data_dir()
BACKUPS_DIR = environment.backups_dir()
SCRATCH_SERVER = environment.text("SCHEMADIFF_SCRATCH_SERVER")

DEBUG = environment.is_set("SCHEMADIFF_DEBUG")
SECRET_KEY = cast(str, SimpleLazyObject(environment.django_secret_key))
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]", *environment.words("SCHEMADIFF_ALLOWED_HOSTS")]
CSRF_TRUSTED_ORIGINS = environment.words("SCHEMADIFF_TRUSTED_ORIGINS")

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.humanize",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "procrastinate.contrib.django",
    "schemadiff",
    "migration",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "config.csp.ContentSecurityPolicy",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

DATABASES = {"default": appdb_settings.database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "config.plotly_finder.PlotlyFinder",
]
WHITENOISE_USE_FINDERS = True  # so that nothing has to be collected first

LANGUAGE_CODE = "en-us"
TIME_ZONE = "UTC"
USE_I18N = False
USE_TZ = True

LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "login"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]

# Behind a proxy that ends TLS and sets X-Forwarded-Proto: SCHEMADIFF_HTTPS=1.
_HTTPS = environment.is_set("SCHEMADIFF_HTTPS")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _HTTPS else None
SECURE_HSTS_SECONDS = 31_536_000 if _HTTPS else 0
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
X_FRAME_OPTIONS = "DENY"

# Alerts: by e-mail, and to webhooks. Hosts inside the own network are sent to only where they are named here.
_MAIL = email_settings.mail_server()
EMAIL_HOST, EMAIL_PORT = _MAIL.host, _MAIL.port
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _MAIL.user, _MAIL.password
EMAIL_USE_TLS, EMAIL_USE_SSL = _MAIL.tls == "starttls", _MAIL.tls == "on"
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = environment.text("SCHEMADIFF_EMAIL_FROM") or "schemadiff@localhost"
WEBHOOK_HOSTS = frozenset(environment.words("SCHEMADIFF_WEBHOOK_HOSTS"))
METRICS_TOKEN = environment.text("SCHEMADIFF_METRICS_TOKEN")  # without it /metrics is not there

PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "tasks"
PROCRASTINATE_IMPORT_PATHS = ["migration.tasks"]
PROCRASTINATE_ON_APP_READY = None

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "redacted": {
            "()": "config.logs.RedactingFormatter",
            "fmt": "%(asctime)s %(levelname)s %(name)s %(message)s",
        }
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "redacted"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "django": {"handlers": [], "level": "WARNING", "propagate": True},
        "django.request": {"level": "ERROR"},  # a wrong address or a missing right is no news for the log
        "psycopg": {"level": "ERROR"},  # of a connection that is lost whoever uses it tells, in one sentence
    },
}
