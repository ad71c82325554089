// Package preview says what the operator would do about a participant or a room, with the
// functions that the operator itself decides with (plan, policy, claim): the requests it
// would send, the participants it would make, and why none.
//
// It is pure. What the operator alone knows is not in it: what it has sent
// in the last seconds, and what the provider has refused. What is done on entry is due for
// those that join, and so not for those that are there.
package preview
