"""Function views: parse, call one use case, build one page, render. Every module lists its `urlpatterns`."""
