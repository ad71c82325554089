// Package ask asks the provider what is the case now, with the credentials of a
// VoiceAccount that the user may read. It only reads: what is to be changed is written
// into objects, and the operator sends it.
//
// The same rules hold as for the operator: a base URL has to be allowed, an address that
// is not public is dialled only if its URL is allowed literally, and the token is in the
// request alone.
package ask
