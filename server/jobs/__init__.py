"""The long work of the service, on DBOS: reads of connections, the lanes of submissions, the sweep and its alerts."""
