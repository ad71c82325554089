// Package story says why an object is as it is: what is declared and observed, what
// differs, which role a call leg has and why, the conditions and events, and for each
// reason which person must act and what to type.
//
// It is pure: Facts in, a Story out. No number is in a Story, not even one that stands in
// a spec.
package story
