// Package participant reconciles ConferenceParticipants, in one straight line:
//
//   - observe: may anything be done at all, and what is true at the provider?
//     (observe.go, admission.go, claim.go, coachee.go)
//   - plan: which one update is due? (package plan, which is pure)
//   - apply: send it, and learn from the answer (apply.go); after the state, play
//     what is to be announced (announce.go)
//   - report: one outcome becomes conditions, fields, an event and the time of
//     the next pass; one status write, none if nothing changed (report.go)
//
// An object with a deletion policy is anchored by a finalizer (anchor.go), and
// takes a shorter way when it is deleted (farewell.go).
//
// What a pass has to remember beyond the status is kept by UID (notes.go):
// losing it in a restart costs a look, never a wrong update.
package participant
