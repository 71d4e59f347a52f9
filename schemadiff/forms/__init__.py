"""Forms: what people enter, checked and turned into values."""
