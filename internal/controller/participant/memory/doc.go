// Package memory is what this process remembers of ConferenceParticipants beyond
// their status: small values, each with the transitions that are legal, so that no
// combination can be written which breaks a promise.
//
// A transition returns a new value. A reconcile works on a copy of the Memory and
// keeps it in the Store at its end. Losing a Memory in a restart costs an
// observation, never a wrong update.
package memory
