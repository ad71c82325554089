// Package participant reconciles ConferenceParticipants, in one straight line:
//
//   - gather reads everything there is to know: the object, its account, rivals,
//     the conference's roster (gather.go, coachee.go)
//   - gate decides, purely, whether the participant can be converged now, or what
//     keeps it from that (gate.go, presence.go)
//   - plan decides which one update is due (package plan, which is pure)
//   - send sends it and learns from the response (send.go, learn.go); an announcement
//     follows in a request of its own (announce.go)
//   - persist writes the status, once, or none if nothing changed (persist.go)
//   - report turns the outcome into that status, events, effects on the other
//     controllers and the time of the next reconcile (report.go, effects.go)
//
// controller.go has the line itself. What flows through it is one reconciliation:
// the facts, which never change after gather, and the state, which the steps change
// (reconciliation.go). What comes out is one outcome (outcome.go). Effects on other
// controllers are values, carried out after a decision (effects.go). A step that
// sends nothing more ends in conclude (conclude.go).
//
// An object with a deletion policy has a finalizer (finalizer.go), and takes a
// shorter way when it is deleted (finalize.go).
//
// An object is reconciled when another party changes it (triggers.go), when a roster
// has something new for it (interest.go says what it subscribes to), when its account
// changes, and when a wait of its own is over.
//
// A child of a Conference goes the same line: gather asks how it stands to that, and the
// gate ends the reconcile of one that is suspended there, or has no use any more
// (child.go). Rivals for a call leg are compared in rivals.go; what the deletion of a
// child undoes is in undo.go.
//
// What a reconcile has to remember beyond the status is in package memory. What it
// needs of accounts, rosters and sessions is in interfaces.go, with contracts.
package participant
