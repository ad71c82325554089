// Package voice is a client of the conference API that SignalWire, Twilio and
// Telnyx share with small differences: conferences and their participants. It
// uses the standard library only and knows nothing of Kubernetes.
//
// A Dialect is one value with everything in which a provider differs. SignalWire
// is the first; DialectFor finds a dialect by the name of the provider. No other
// code of the client depends on the provider.
//
// A method of Client sends one request, or one for each page of a list, and does
// not retry: the caller knows whether a change is still wanted. (net/http itself
// repeats a GET on a new connection if the provider had just closed the old one.
// It never repeats a POST or DELETE that may have arrived.) Every failure is an
// *Error. Its Class, which ClassOf returns, says what is known of the effect of
// the request; callers decide by the class alone. Its Cause says what kept a response
// from coming, so that a person can be told.
//
// The client does not trust the other side. Responses are limited in size. A
// response without the requested participant is an error, also with status 200.
// Credentials are sent to the host of the base URL only, redirects are not
// followed, and addresses that are not public are not dialled unless the
// configuration allows it. The token is in the header of requests, and in no
// error, log or printed value.
package voice
