// Package backoff holds every schedule of the operator by which something is
// tried again: one table of waits, and the State that counts failures against
// it. Nothing in it sleeps: a State holds the time of the next try, which is
// checked before any request (R15). It is pure; time is an argument.
package backoff
