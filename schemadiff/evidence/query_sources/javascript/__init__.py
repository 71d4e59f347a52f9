"""Queries in JavaScript and TypeScript: chains of supabase-js (PostgREST), and SQL in literals and tagged templates."""
