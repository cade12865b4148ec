"""`python -m pipelines.webserver`: Dagster's command line with our server."""

from pipelines.webserver import main

main()
