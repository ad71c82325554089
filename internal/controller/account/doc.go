// Package account reconciles VoiceAccounts: it reads the Secret, proves the token
// with one cheap request, publishes the session for the other controllers and
// reports what it found.
//
// It sends a request only when there is something to prove: a new spec or Secret, a
// refusal that a session met, or a probe that is due. Only a verification here closes
// the breaker of a session again; then the account's participants and conferences
// are enqueued. A Secret is read past the
// cache, since the operator may get Secrets but never list or watch them.
package account
