// Package audit writes a line for each request that changes something at the provider:
// which object it was sent for and why, what was to change, and what became of it.
//
// A controller says what a request is about with With, in the context that it sends the
// request with. The client of the provider reports the outcome to Log.Observe, the only
// place where a line is written. So there is one line for each request, also where its
// outcome is unknown, and also for a request of which no controller has said anything.
//
// A line has the SIDs of the conference and the call, by which the provider is asked. It
// has no token and no phone number, and of a URL no more than scheme and host: its path
// and query may hold either.
package audit
