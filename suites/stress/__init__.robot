*** Settings ***
Documentation    More than any day will bring: great numbers, storms, chaos; and after each of them a usual call. Each
...              test is bounded by a minute:    scripts/run_stress.py bounds all of them, and tells apart how they end.

Test Tags        stress
