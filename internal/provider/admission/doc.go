// Package admission bounds the requests of one account without making a worker
// wait: a request that finds no capacity is queued, and its sender is woken when
// it may be tried again.
//
// Requests in flight take seats; writes take tokens of a rate limit besides. The
// queue is fair between flows (conferences), and serves what restricts a
// participant first within a flow. A request that is woken has a grant, and for a
// moment a seat is kept free for it, since it may need a list before it can be sent.
//
// A simpler form was tried, in which tokens alone are granted, and seats are taken
// first come, first served at the moment of sending. Bursts and a slow provider do
// as well with it, in 40 lines less; but an edit in a quiet conference beside a
// crowd then finds the seats taken: its p99 was 230 ms instead of 70 to 90 ms (the
// benchmark's case fairness). So the seats are kept.
//
// The Limiter has no timer of its own. It asks for a Tick, which a workqueue brings
// about, so that tests in virtual time meet a limit, too.
package admission
