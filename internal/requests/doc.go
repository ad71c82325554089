// Package requests decides about what a Conference says to whole rooms, once for each id:
// an announcement to everybody in them, or their end (R25).
//
// A Ledger is what a status remembers of one kind of requests: a record for each room
// that was in progress when the id was first judged, and the ids that are done with.
// Refresh brings it in line with the spec, the rooms and the time; Update takes over the
// steps of a request, with the same records as for a participant's announcement (R10). A
// room is its SID: another one of the same name has no record, and is told nothing.
//
// The package is pure: the time is an argument, and nothing is read or sent.
package requests
