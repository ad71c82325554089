// Package memory is what this process remembers of ConferenceParticipants beyond
// their status: small values, each with the transitions that are legal, so that no
// combination can be written which breaks a promise.
//
// An Edit is the change of the object that is to be decided on, or was. A Look says
// which observations may decide. A Backlog is what is to be sent and can't be, with
// since when. A Denial is a refusal as unauthorized, an Account what the object was
// reached through, an Announcement the pending one. The history of updates is a
// value of package plan.
//
// A transition returns a new value. A reconcile works on a copy of the Memory and
// keeps it in the Store at its end. Losing a Memory in a restart costs an
// observation, never a wrong update.
package memory
