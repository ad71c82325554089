// Package roster keeps the rosters of conferences: it lists each conference
// that has a live object, when somebody waits for it, when an update has
// settled, and every resync interval, and wakes the participants to whom what
// it saw makes a difference. Nobody else is woken: an idle participant is never
// reconciled.
//
// It is keyed by account and conference, so that one list serves everybody in a
// conference, and it has a workqueue of its own. It writes nothing to the
// Kubernetes API.
package roster
