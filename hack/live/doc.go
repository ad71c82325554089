// Command live asks a real account of the voice provider what its documents leave open.
// It first runs the contract: what the operator takes for granted of each response. Then
// it goes through the questions of this package, each with the switch of the simulator
// that makes it behave alike, and prints the answers and those switches.
//
// Environment variables say where: LIVE_BASE_URL, LIVE_ACCOUNT_SID, LIVE_TOKEN,
// LIVE_CONFERENCE and LIVE_CALL, two SIDs; and for some questions LIVE_SECOND_CALL,
// another call in the conference, and LIVE_TOKEN_WITHOUT_VOICE. Reading is done at once.
// What people on the phone notice is done after a yes on standard input only, in three
// steps: what changes the call and is put back, what removes the second call, and what ends
// the conference. What has no yes or is not to be found is said to be open.
//
// Neither a token nor a number nor a name is printed: answers are made of statuses, codes,
// dates and flags, never of bodies. The exit code is 1 if the contract is broken, 2 if a
// variable is missing.
package main
