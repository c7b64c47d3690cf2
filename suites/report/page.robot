*** Settings ***
Documentation     The page of the load report: it draws, sorts and filters; it can be read by day, by night, on a phone
...               and on paper; whatever a test is called, nothing of it runs.

Library           SeleniumLibrary
Library           browser_pages.py

Suite Setup       Open The Report
Suite Teardown    Close All Browsers
Test Setup        Go To Report


*** Variables ***
${FOLDER}        ${OUTPUT DIR}/load-reports
${PAGE}          file://${FOLDER}/usual/load-report.html
${HOSTILE}       file://${FOLDER}/hostile/load-report.html
${INVALID}       file://${FOLDER}/invalid/load-report.html
${SCENARIOS}     css:#scenarios-rows
${FILTER}        css:input[data-table=call-rows]
${OWN_SCROLL}    return [...document.querySelectorAll('.wide')].filter(each => each.scrollWidth > each.clientWidth + 1
...              && each.checkVisibility() && !each.closest('details')).length


*** Test Cases ***
Charts Are Drawn And Nothing Is Told In The Console
    Every Chart Should Be Drawn
    Console Should Be Silent

Every Chart Has Its Figures As A Table
    ${charts}    Get Element Count    css:figure.card
    ${tables}    Get Element Count    css:figure.card details table
    Should Be Equal    ${charts}    ${tables}
    Click Element    css:#responses summary
    Element Should Be Visible    css:#responses tbody tr

A Click Sorts A Table And Another One Turns It Around
    Click Button    ${SCENARIOS} thead th:nth-of-type(2) button
    ${up}    Calls Of Scenarios
    ${sorted}    Evaluate    sorted($up)
    Should Be Equal    ${up}    ${sorted}
    Element Attribute Value Should Be    ${SCENARIOS} thead th:nth-of-type(2)    aria-sort    ascending
    Click Button    ${SCENARIOS} thead th:nth-of-type(2) button
    ${down}    Calls Of Scenarios
    Should Be Equal    ${down}    ${sorted[::-1]}

Times Are Sorted As Times
    Click Button    css:#call-rows thead th:nth-of-type(4) button
    ${times}    Execute Javascript
    ...    return [...document.querySelectorAll('#call-rows tbody tr')]
    ...    .map(row => row.cells[3].dataset.sort).filter(Boolean).map(Number)
    ${sorted}    Evaluate    sorted($times)
    Should Be Equal    ${times}    ${sorted}

A Filter Shows What Has All Of Its Words
    ${all}    Shown Calls
    Input Text    ${FILTER}    no reply
    ${some}    Shown Calls
    Should Be True    0 < ${some} < ${all}
    Element Should Contain    css:#calls .found    ${some} of ${all}
    Input Text    ${FILTER}    there is no such call
    ${none}    Shown Calls
    Should Be Equal    ${none}    ${0}
    Console Should Be Silent

A Link Leads To The Call That An Issue Is About
    ${call}    Get Text    css:.issues .evidence a
    Click Link    css:.issues .evidence a
    Location Should Contain    \#call-${call}
    Element Should Be Visible    id:call-${call}

What A Test Is Called Does Not Run
    Go To    ${HOSTILE}
    Every Chart Should Be Drawn
    ${title}    Get Title
    Should Start With    ${title}    FAIL - <script>
    ${scripts}    Get Element Count    css:script
    ${images}    Get Element Count    css:img
    Should Be Equal    ${{ ($scripts, $images) }}    ${{ (1, 0) }}
    Element Should Contain    css:h1    <script>document.title='owned'</script><img src=x
    Console Should Be Silent

It Can Be Read By Day
    Set View    1280
    Every Text Should Be Legible

It Can Be Read By Night
    Set View    1280    dark=${True}
    ${background}    Execute Javascript    return getComputedStyle(document.body).backgroundColor
    Should Be Equal    ${background}    rgb(20, 25, 29)
    Every Text Should Be Legible

A Phone Has Room For It
    Set View    360
    ${width}    Execute Javascript    return document.documentElement.scrollWidth
    Should Be Equal    ${width}    ${360}
    ${tables}    Execute Javascript    ${OWN_SCROLL}
    Should Be Equal    ${tables}    ${0}    A table has to be moved sideways
    ${letters}    Execute Javascript
    ...    return Math.min(...[...document.querySelectorAll('.chart text')]
    ...    .map(text => text.getBoundingClientRect().height).filter(Boolean))
    Should Be True    ${letters} >= 9    The letters of charts are ${letters} px high
    Every Text Should Be Legible

It Can Be Printed
    Page Can Be Printed

An Invalid Run Looks Like Nothing Else
    Go To    ${INVALID}
    Element Text Should Be    css:.verdict .word    INVALID
    ${good}    Get Element Count    css:.good, .met
    Should Be Equal    ${good}    ${0}
    Set View    1280    dark=${True}
    Every Text Should Be Legible


*** Keywords ***
Open The Report
    [Documentation]    Makes the pages and opens a browser; skips all where there is none.
    ${missing}    Browser Is Missing
    Skip If    $missing    ${missing}
    Make Page    ${FOLDER}/usual
    Make Page    ${FOLDER}/hostile    hostile=${True}
    Make Page    ${FOLDER}/invalid    invalid=${True}
    Make Browser

Go To Report
    [Documentation]    Shows the usual page as on a desktop, by day.
    Set View    1280
    Go To    ${PAGE}

Every Chart Should Be Drawn
    [Documentation]    Each picture has a line, a bar or a point of some size.
    ${drawn}    Execute Javascript
    ...    return [...document.querySelectorAll('svg.chart')].map(chart => [...chart.querySelectorAll('.l, .b, .p')]
    ...    .some(part => { const box = part.getBBox(); return box.width + box.height > 5; }))
    Should Be True    len($drawn) > 12 and all($drawn)    Some charts are empty: ${drawn}

Calls Of Scenarios
    [Documentation]    Returns the numbers of calls as the table of scenarios shows them, from above.
    ${calls}    Execute Javascript
    ...    return [...document.querySelectorAll('#scenarios-rows tbody tr')]
    ...    .map(row => Number(row.cells[1].dataset.sort))
    RETURN    ${calls}

Shown Calls
    [Documentation]    Returns how many rows of the table of calls are shown.
    ${shown}    Execute Javascript
    ...    return [...document.querySelectorAll('#call-rows tbody tr')].filter(row => row.checkVisibility()).length
    RETURN    ${shown}
