"""The record of a house in a SQL database: one code for SQLite and Postgres, which differ in their dialect only."""
