// Package rooms_test has the scenarios of Conferences in virtual time: each is what people
// in a room hear, and when, judged by an ear that hears every room at every moment.
package rooms_test
