"""The edge that an application reads and writes through: pool, repositories, data layer, flag client.

Knows no Django: an application imports it alone.
"""
