// Package status turns one verdict about an object of any kind into its status: the
// conditions, after the conventions of kstatus (Ready is always there save
// while an object is suspended, Reconciling or Stalled only while true, and never both); one write, with what to do on a
// conflict; and the overlay that keeps a reconcile from acting on its own past.
package status
