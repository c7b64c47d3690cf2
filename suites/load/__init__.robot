*** Settings ***
Documentation    Many calls at once. Each run leaves its rows, recordings and run.json in a folder below loads/ of the
...              output folder. One after another, by robot: two loads at the same time would measure each other.

Test Tags        load
