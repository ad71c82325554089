// Package voicesim simulates the REST API of a voice provider: conferences and
// their participants after SignalWire's Compatibility API, as it is on the wire.
// Tests run it in process, cmd/voicesim serves it to everybody else.
//
// # What it guarantees
//
// The seven operations on conferences and participants behave as documented,
// with or without .json at the end of the path. Conferences begin, end and never
// open again; an update changes the fields that it carries and no others; lists
// have pages that stay stable while others join. Hold music, announcements and
// beeps are checked and never shown. Where the documents are silent or disagree
// there is a switch in [Settings], and [Fault] makes single requests go wrong.
// When a coachee leaves, the coach stops coaching and the target becomes null.
// Every request is in the journal, and its status is there before the client can
// have the answer. Credentials are in no journal.
//
// It speaks the wire protocol with types of its own, so that it can't share a
// mistake with a client. It sends no callbacks and plays no other providers.
//
// # The control API
//
// Conferences and participants come from phone calls, not from the provider's
// API. [Simulator.ControlHandler] plays the calls. It takes and returns JSON and
// asks for no credentials. Bodies may be left out where every field may be.
// Unknown fields are refused. Answers are 200 with an object, 204 without one,
// or 400 or 404 with {"error": "..."}. The examples use the addresses at which
// cmd/voicesim listens by default, and these variables:
//
//	CONTROL=http://127.0.0.1:8088/control
//	API=http://127.0.0.1:8087/api/laml/2010-04-01
//
// Accounts: add one (both fields may be left out), replace its tokens, make it
// refuse all of them:
//
//	curl $CONTROL/accounts -d '{"sid": "6f1c1f0e-6c0a-4d6e-9a55-2f6f3a0f1c11", "token": "PT123"}'
//	curl -X PUT $CONTROL/accounts/$ACCOUNT/tokens -d '{"tokens": ["PT4", "PT5"], "withoutVoice": ["PT6"]}'
//	curl -X POST $CONTROL/accounts/$ACCOUNT/revoke
//
// Conferences: open one (accountSID may be left out if there is one account),
// look at it, end it. To open one that is going on returns that one:
//
//	curl $CONTROL/conferences -d '{"accountSID": "'$ACCOUNT'", "friendlyName": "support"}'
//	curl $CONTROL/conferences/$CONFERENCE
//	curl -X POST $CONTROL/conferences/$CONFERENCE/end
//
// Participants: join (the fields are those of [JoinOptions]; all may be left
// out), look at one with what the provider's API never shows, change one behind
// the back of the API's users, leave, hang up:
//
//	curl $CONTROL/conferences/$CONFERENCE/participants -d '{"muted": true, "endConferenceOnExit": false}'
//	curl $CONTROL/conferences/$CONFERENCE/participants/$CALL
//	curl -X PATCH $CONTROL/conferences/$CONFERENCE/participants/$CALL -d '{"muted": false}'
//	curl -X DELETE $CONTROL/conferences/$CONFERENCE/participants/$CALL
//	curl -X POST $CONTROL/calls/$CALL/hangup
//
// What PATCH changes: muted, hold, coaching, callSIDToCoach,
// startConferenceOnEnter, endConferenceOnExit, status.
//
// Faults: the fields are those of [Fault]; durations are written like "1.5s".
// The first example refuses two updates for being too many, the second loses the
// answer of one, the third accepts updates and undoes them later. The answer has
// the id under which a fault is cleared:
//
//	curl $CONTROL/faults -d '{"operation": "update_participant", "times": 2, "status": 429, "header": {"Retry-After": ["2"]}}'
//	curl $CONTROL/faults -d '{"callSID": "'$CALL'", "operation": "update_participant", "times": 1, "reset": "after"}'
//	curl $CONTROL/faults -d '{"operation": "update_participant", "revertAfter": "5s"}'
//	curl -X DELETE $CONTROL/faults/1
//	curl -X DELETE $CONTROL/faults
//
// Settings: the fields are those of [Settings]; PUT sets those that are left out
// to their defaults:
//
//	curl $CONTROL/settings
//	curl -X PUT $CONTROL/settings -d '{"absentCoachingResets": true, "visibleAfter": "2s"}'
//
// The journal of requests to the provider's API, and counts by operation. Both
// parameters may be left out; DELETE forgets journal and counts:
//
//	curl "$CONTROL/journal?since=17&operation=update_participant"
//	curl -X DELETE $CONTROL/journal
//	curl $CONTROL/counts
//
// # The provider's API
//
// For comparison, the same conference as an API user sees it:
//
//	curl -u $ACCOUNT:$TOKEN "$API/Accounts/$ACCOUNT/Conferences?FriendlyName=support&Status=in-progress"
//	curl -u $ACCOUNT:$TOKEN $API/Accounts/$ACCOUNT/Conferences/$CONFERENCE/Participants
//	curl -u $ACCOUNT:$TOKEN $API/Accounts/$ACCOUNT/Conferences/$CONFERENCE/Participants/$CALL -d Muted=true -d Hold=true
package voicesim
