"""What a journal means: record, timeline and pages, worked out again at will."""
