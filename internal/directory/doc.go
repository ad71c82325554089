// Package directory holds what is known of the rooms of an account: which
// conferences bear which name, and which of them are not over (R18). It decides when
// the conferences are to be listed, for all Conferences of an account together, and
// which of them are to be read by themselves.
//
// A room is over when its conference reads as completed, or when two lists lack it
// while its own list has no call leg. Whatever can't be read ends nothing.
//
// The package is pure data: it sends nothing, reads no Kubernetes object, and time is
// an argument.
package directory
