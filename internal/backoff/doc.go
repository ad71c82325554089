// Package backoff holds every schedule of the operator by which something is
// tried again: one table of waits, and the State that counts failures against
// it. It is pure; time is an argument.
package backoff
