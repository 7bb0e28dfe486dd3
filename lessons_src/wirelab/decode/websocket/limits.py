"""How much of a long message is kept, in bytes."""

LONGEST_KEPT = 4 * 1024 * 1024
PREVIEW = 64 * 1024
