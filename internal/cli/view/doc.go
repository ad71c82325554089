// Package view shows rooms and the people in them at a glance: a List is made of objects
// of the cluster (Of), compared with what the provider says (Observe), written as text
// (Write), and compared with an earlier one (Changes).
//
// It sends nothing and reads no cluster; its input are objects and the provider's
// participants. A List has no phone numbers, unless the caller puts them there.
package view
