"""How exact and how cheap we are: measuring error, pacing beside a C program, codec. See docs/bench.md."""
