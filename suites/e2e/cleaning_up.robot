*** Settings ***
Documentation    A run leaves nothing behind: the UUIDs of all its calls begin with its run id, by which it is deleted.
...              Tests delete what is theirs at once (Nothing Is Left); this is for a run that broke off.

Resource         ../../resources/tyre_shop.resource

Suite Setup      A Shop Of Our Own Is Open

Test Tags        uk    db


*** Test Cases ***
Run Leaves Nothing Behind
    [Tags]    critical
    Given A Caller In A Hurry Says    Хочу замовити чотири шини
    And Caller Hears    підтверджуєте
    And Say    Так, підтверджую
    And Caller Hears    замовлення прийнято
    And Hang Up
    And Stored Call    completed
    ${run}    Get Run Id
    When Delete Rows Of    ${run}
    ${left}    Delete Rows Of    ${run}
    Then Should Be True    not any($left.values())    Of run ${run} was left: ${left}


*** Keywords ***
A Shop Of Our Own Is Open
    [Documentation]    Deleting by run would delete what other processes of the run are at, where they share a shop.
    A Tyre Shop Is Open
    Skip If    not $THE_SHOP_IS_OURS    All rows of the run are deleted here, and others may be at work
