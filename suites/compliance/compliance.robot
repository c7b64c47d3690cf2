*** Settings ***
Documentation    Short questions that Asterisk, or its callers, ask of every bot: the probes of
...              ``audiosocket check``, a test each. Against your bot: robot -v BOT:host:port suites/compliance

Resource         ../../resources/bot.resource

Suite Setup      A Bot Is Running
Test Timeout     2 min
Test Template    Bot Should Pass

Test Tags        compliance


*** Test Cases ***
Answers A Call And Greets
    greets
Replies When Spoken To
    replies
Keeps 20 ms Pace
    pace
Sends No Faster Than Real Time
    ahead
Begins Its Replies Without Silence
    leading_silence
Stops When Spoken Over
    barge_in
Notices That The Caller Hung Up
    notices_hangup
Bears A Caller Who Sends Nothing
    bears_silence
Keeps Sending While Nobody Speaks
    keeps_sending
Takes A Second Call With The Same UUID
    same_uuid
Understands 16 kHz (0x12)
    slin16
Hangs Up So That Asterisk Understands It
    hangs_up
Keeps The Line When It Gets A Key Press
    keys
Skips A Frame Of A Type It Does Not Know
    unknown_type
Reads Several Frames That Came At Once
    coalesced
Reads A Frame That Came In Pieces
    split
Survives A Connection Without A UUID
    no_uuid
Survives A Caller Who Hangs Up At Once
    close_at_once
Survives A Connection That Breaks (RST)
    reset
Accepts 20 Connections Within 2 s
    accepts
Answers 20 Calls At Once
    crowd
Sends Only Frames That Asterisk Accepts
    types
Sends No Audio Of 0 Bytes
    empty_audio
Sends Frames Of A Size That Is Heard
    sizes
Sends Header And Payload Together
    whole_frames
Sends No Header In Two Pieces
    whole_headers
