"""What OCSF says of a record: schemas of every version, the validator, and the reports of what it finds.

Works offline and on bytes. Nothing here knows a target or a screen.
"""
