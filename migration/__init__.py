"""Carry a decided option out, show where it stands, and switch the application over."""
