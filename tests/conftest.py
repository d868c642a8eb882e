"""What all tests share."""

pytest_plugins = ["tests.components", "tests.databases", "tests.golden"]
