// Package provider stands between the controllers and one account at the voice
// provider.
//
// A Session is everything that belongs to one set of credentials: the client,
// the admission limits and the breaker. Nothing in it sleeps or blocks a worker:
// a request that can't be sent now is refused, queued and its sender woken when
// it may be tried again. The class of each response feeds the breaker, which
// opens on refused credentials and on repeated unavailability, and which only a
// verification closes.
//
// A Block is why nothing may be sent now. API is what a Session needs of a client,
// with contracts; package voice has it.
//
// A Registry maps VoiceAccounts to their Session and State, which is what the
// account controller found out and the others read. It retains the credentials that
// were accepted last while a deletion needs them (R11). An AllowList says which base
// URLs may be reached.
//
// The package reads no Kubernetes object and writes none.
package provider
