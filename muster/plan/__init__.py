"""Recovery plans: the model, its reader, its schema and its digest."""
