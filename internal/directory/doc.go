// Package directory holds which rooms of an account are in progress or wait to be
// started, by name (R18), and which Conferences want to know. It is pure data: time
// is an argument, and the lists are sent by the controller of the same name.
package directory
