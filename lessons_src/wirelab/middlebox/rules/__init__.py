"""The rules that can be laid on a middlebox: one small class a rule."""
