// Package status turns one Verdict about an object of any kind into its status.
// Apply sets the conditions, after the conventions of kstatus: Ready is always
// there save while an object is suspended, Reconciling or Stalled only while true, and never both. A Writer writes
// once, and says what to do on a conflict: the outcome is merged onto the live
// object. Stored is what was written last, laid over a cache that is behind, so that
// no reconcile acts on its own past (R14).
//
// Conditions are outputs: no controller decides by them, save one function that
// resumes after a restart.
package status
