// Package doctor looks through a cluster for what keeps the operator or this command from
// working: the kinds, the rights of the user and of the operator, the accounts as the
// operator sees them and as they are reached from here, and objects that are stuck. Each
// Finding says what to type.
//
// It reads, asks for access reviews, and sends each account one request that lists one
// conference. It changes nothing.
package doctor
