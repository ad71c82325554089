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
// A Registry maps VoiceAccounts to their Session and State. An AllowList says
// which base URLs may be reached.
//
// The package reads no Kubernetes object and writes none.
package provider
