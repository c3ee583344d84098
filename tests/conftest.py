"""What every test may use. The work is done in tests/support."""

pytest_plugins = ["tests.support.marks", "tests.support.strict", "tests.support.postgres"]
