// Package admission bounds the requests of one account without making a worker
// wait: a request that finds no capacity is queued, and its sender is woken when
// it may be tried again.
//
// Requests in flight take seats; writes take tokens of a rate limit besides. The
// queue is fair between flows (conferences), and serves what restricts a
// participant first within a flow.
package admission
