"""Jobs: reads and submissions driven by the engine, in one process and by workers."""
