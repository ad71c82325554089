// Package policy decides what a Conference comes to in one room: which role each
// call leg has, and which ConferenceParticipants (its children) should be there with
// which spec (R19 to R27).
//
// Everything in it is pure. Compile turns a spec into a Policy once; Assign is a
// function of the policy, the room as observed, what is known of the callers, the
// children that are there, and the time. Numbers are compared as keyed hashes alone
// (R30): a Hasher makes them, with a key that lives as long as the process.
package policy
