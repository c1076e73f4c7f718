"""What proves the speed: `make bench` measures, prints a table and writes `bench/RESULTS.md`."""
