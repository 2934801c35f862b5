"""What a group shows and when: events, how they recur, who wins, and the days off."""
