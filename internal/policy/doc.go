// Package policy decides what a Conference comes to in one room: which role each
// call leg has, and which ConferenceParticipants (its children) should be there with
// which spec (R19 to R27).
//
// Everything in it is pure. Compile turns a spec into a Policy once; Assign is a
// function of the policy, the room as observed, what is known of the callers, the
// children that are there, and the time. What it returns is to be written; once it is,
// Assign has nothing more to say (R29). Release is what a child comes to when its call
// leg goes out of every policy. Matches and Precedence say which Conference governs a
// room. Numbers are compared as keyed hashes alone (R30): a Hasher makes them, with a
// key that lives as long as the process.
//
// A call leg is identified first (party), with the three answers yes, no and unknown,
// for all call legs before anything is decided about one (view). Then each field of
// its child is settled by itself: what is declared, what is closed for a while, and
// what is opened after that (control).
package policy
