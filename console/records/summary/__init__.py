"""What a finding file holds, in counts."""
