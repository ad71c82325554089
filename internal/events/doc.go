// Package events writes Kubernetes events: warnings first, the rest in the order
// in which they were recorded, one request at a time, and at a pace that leaves
// the API server to status writes. In a burst an event may come later than the
// status that it is about; it never delays it.
//
// The broadcaster of client-go (tools/events), which a manager's own recorder
// uses, is not fit for bursts of thousands of events, for three reasons:
//
//   - It drops without a trace what exceeds 1,000 queued events, warnings
//     included. Here up to 10,000 wait, normal events are dropped before
//     warnings and the oldest first, and what is dropped is counted.
//   - It sends each event from a goroutine of its own, as one POST, at once and
//     in no order. A burst of events competes with the status writes that the
//     events are about. Here there is one goroutine, and after each request a
//     pause as long as the request took.
//   - It keeps every event in memory for 6 to 12 minutes, to find series of events
//     that are alike. The operator records events on transitions only, so that
//     there are no series to find. Here an event is forgotten once it is written.
//
// Events that still wait when the process ends are written for 2 seconds more,
// and then lost. Events are for people: nothing in the operator reads them.
package events
