"""Orchestration only: partitions, resources, jobs, sensors, schedules and the definitions Dagster loads."""
