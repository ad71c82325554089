// Package gateway stands between the controllers and one account at the voice
// provider.
//
// A Gateway holds what belongs to one set of accepted credentials: the client,
// the limits and the breaker. Nothing in it sleeps or blocks a worker: whoever
// can't send now is told so, remembered in line, and woken when it is its turn.
// Every request's class feeds the breaker, which opens on refused credentials
// and on repeated unavailability, and which only a verification closes.
//
// A Roster is what list calls and answers have said about one conference, each
// entry with the time when the request that saw it was sent. It decides when
// the next list is due and for whom; the roster controller sends it.
//
// A Registry maps VoiceAccounts to their Gateway, Rosters and Standing.
//
// The package reads no Kubernetes object and writes none.
package gateway
