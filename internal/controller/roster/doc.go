// Package roster reconciles conferences: it lists each one that an object has an
// interest in, when a refresh was requested, when an update has settled, and every
// resync interval, and enqueues the subscribers to which what was seen makes a
// difference. No other is enqueued: an idle participant is never reconciled.
//
// It is keyed by account and conference, so that one list serves every object of a
// conference, and it has a workqueue of its own. It knows no kind of object, and
// writes nothing to the Kubernetes API.
package roster
