"""Prefect flows: what people and schedules start. Entrypoint files define flows only."""
