"""Reports: HTML to read, Markdown for pull requests, JUnit XML for CI, and the terminal."""
