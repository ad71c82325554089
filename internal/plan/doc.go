// Package plan decides what to do about one participant.
//
// Everything in it is pure: a function of what is declared, what was observed,
// what this process remembers of its own updates, and the time, which is always
// an argument. It opens no connection and knows no Kubernetes client, so each
// branch of behaviour is a row of a table in its tests.
//
// Next answers the only question: which one update is to be sent now, or why
// none. History is what the process remembers of its own updates; Confirm compares
// it with an observation that is late enough to be proof. Reset is the update that
// undoes what an object restricted. Record is the life of an announcement, and
// MayAnnounce says when one may be played. Deadline says until when a participant
// that was never seen is waited for.
//
// The package doesn't know about limits, credentials or conflicts: whether an
// update may be sent now is the caller's business.
package plan
