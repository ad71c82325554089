// Package conference reconciles Conferences, in two straight lines:
//
//   - Reconciler, of a whole Conference: it compiles the spec into a policy, subscribes
//     to the rooms of its name, decides which of them it governs, says to them what is
//     to be said once, and reports once what the rooms have come to (controller.go,
//     gather.go, requests.go, verdict.go, status.go)
//   - RoomReconciler, of one room that a Conference governs: it observes the room,
//     lets package policy decide, applies the children that differ, and ends a room that
//     a role has left (room.go, legs.go, apply.go, write.go, ending.go)
//
// Neither sends an update for a participant: the children do, which are ordinary
// ConferenceParticipants. A crowd in one room delays no other.
//
// Store is what both remember of a Conference (store.go, memory.go). Governance says
// which Conference governs a room, and how a child stands to its own (governance.go).
// What is needed of accounts, directory, rosters and callers is in interfaces.go, with
// contracts.
package conference
