"""Reports: HTML to read, Markdown for pull requests, JUnit XML for CI, JSON for programs."""
