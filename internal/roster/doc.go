// Package roster holds what is known of conferences: which call legs (one phone's
// connection to the provider each) are in which, how they were last observed, which
// of the operator's objects have an interest in them, and when the provider has to
// be asked again. The requests themselves are sent by the controller of the same
// name.
//
// A Roster is the union of lists, single reads and the responses of updates
// about one conference, each entry with the time when its request was sent: an
// Observation is one entry, a Snapshot all that are there. It is pure data: the
// time is an argument, no request is sent, and no kind of object is known. A
// Subscriber names an object by kind and name; its Interest says which call leg it
// is about, how often that is to be observed, and what the object already reports,
// so that a list enqueues those for which it makes a difference. A RefreshRequest
// has one call leg observed once; a Poll is what all of that comes to now. A call
// leg that is gone is forgotten with the next list, unless an interest or an
// outstanding request names it.
//
// A Store keeps the rosters of all accounts, and enqueues a conference when
// there is something new to ask.
//
// The package sends nothing and reads no Kubernetes object.
package roster
