"""UPSes as people see them: entities of what they report, and of what they can be told."""
