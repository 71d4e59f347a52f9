"""What applications, servers and this application itself report: kept, read, alerted on, guarded against."""
