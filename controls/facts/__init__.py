"""Facts that several controls ask of the records, made once each: ask for them by `known.derived`."""
