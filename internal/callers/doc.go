// Package callers holds what is known of the calls behind call legs (R20, R21): the
// direction, and the numbers as keyed hashes (R30). It decides which calls are to be
// read, one by one or by pages, and whether reading them fails. It is pure data; the
// requests are sent by the controller of the same name.
package callers
