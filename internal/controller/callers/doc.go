// Package callers is the controller that reads the calls behind call legs, one by one or
// in a list of all that are in progress, and enqueues the rooms that have waited for the
// response (R20). What is kept and what to ask is decided by the package callers that
// holds the calls.
package callers
