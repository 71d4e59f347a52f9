"""What is measured on real databases about an option: values, queries, previews. Reads only."""
