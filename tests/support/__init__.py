"""What the tests share and no test is: marks, servers, sheets of requirements."""
