"""Series that tell of the machine a trial runs on."""


def is_system_metric(name: str) -> bool:
    """Whether a metric tells of the machine: it is kept as a series and is otherwise no metric of the trial."""
    return name.startswith("system/")
