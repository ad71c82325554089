// Package advice knows for every reason of a condition what it means to a person, which
// person has to act, and what to type. It is the table of docs/reasons.md in the form that a
// command line can print: a test compares the two.
//
// Everything in it is pure.
package advice
