"""What all tests share."""

pytest_plugins = ["tests.components", "tests.crash.telling", "tests.databases", "tests.golden", "tests.ready_schema"]
