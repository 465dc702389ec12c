// Package lecture writes the notebook's document anew, with tables that a machine has filled in: from runs of the lab, or from the
// lecturer's own captures. It refreshes marked regions of a person's notes, and checks the tables of them against a capture.
package lecture
