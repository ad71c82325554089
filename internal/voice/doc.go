// Package voice is a client of SignalWire's Compatibility API, as far as
// conferences and their participants go. It uses the standard library only and
// knows nothing of Kubernetes.
//
// A method sends one request, or one for each page, and does not repeat it:
// retries belong to whoever knows what is still wanted. (net/http alone sends a
// GET again that met a connection which the provider had just closed; never a
// POST that may have arrived.) Every failure is an
// *Error whose Class says what is known of its effect; ClassOf is the only
// question to ask of it.
//
// The client trusts nobody. Answers are bounded, an answer without the
// participant that was asked for is no answer, credentials never leave the base
// URL's host, redirects are refused, and addresses that are not public are not
// dialled unless that was allowed. The token is in the request and nowhere
// else.
package voice
