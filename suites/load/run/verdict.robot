*** Settings ***
Documentation    The verdict of a load run, once all workers are done: a test for its validity, one for each threshold.
...              By hand:    robot -v RUN:results/latest suites/load/run/verdict.robot

Library          AudioSocketLibrary.LoadRun    # adds a test for each threshold and each plateau of the run

Test Tags        load-verdict


*** Variables ***
${RUN}    results/latest    # the folder of the run


*** Test Cases ***
The Run Is Valid
    Run Should Be Valid    ${RUN}
