"""The edge that carries data: talks to both databases, knows no Django, returns values and reports events."""
