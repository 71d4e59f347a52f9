"""What differs between two PostgreSQL databases, and what are the ways out?"""
