"""Floor 1: what the firm knew, and when it knew it. The only floor that touches a source; it cannot write to one."""
