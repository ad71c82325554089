// Package edit decides what a verb such as mute writes into which object, and refuses to
// take a field that another writer owns: a change that Git reverts within seconds would
// flap a person.
//
// Everything is written by server-side apply under one field manager (Manager). An object
// that people have written gets the fields of the verb alone (Amend). A call leg that a
// Conference governs gets an object of its own with all that the Conference's child
// declares, so that nothing else changes for the person at the phone (Take). Release says
// how the leg is given back.
//
// Everything in it is pure: it makes objects to apply, and applies none.
package edit
