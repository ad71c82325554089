// Package directory is the controller that finds rooms: it lists the conferences of an
// account, for all of its Conferences together, reads those that a list lacks, and
// enqueues the Conferences that a change concerns (R18). What is known and when to ask
// is decided by the package directory that holds the rooms.
package directory
