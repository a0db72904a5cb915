"""From one kind of finding to another: OCSF to what a target takes. Works offline, and names whatever it leaves out."""
