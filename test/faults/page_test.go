package faults

import (
	"os"
	"testing"
)

func readPage(t *testing.T) string {
	t.Helper()
	content, err := os.ReadFile("../../docs/faults.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}
