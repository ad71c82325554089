package monitoring

import "testing"

// panel is what Grafana wants of each panel.
type panel struct {
	ID          int    `json:"id"`
	Type        string `json:"type"`
	Title       string `json:"title"`
	Description string `json:"description"`
	Datasource  struct {
		UID string `json:"uid"`
	} `json:"datasource"`
	Grid struct{ X, Y, W, H int } `json:"gridPos"`
}

// overlaps reports whether two panels cover the same place.
func (p panel) overlaps(other panel) bool {
	a, b := p.Grid, other.Grid
	return a.X < b.X+b.W && b.X < a.X+a.W && a.Y < b.Y+b.H && b.Y < a.Y+a.H
}

// TestPanelsAreComplete wants each panel to have a place and an id of its own, to ask the
// data source that people choose, and to say what it shows.
func TestPanelsAreComplete(t *testing.T) {
	var dashboard struct {
		UID    string  `json:"uid"`
		Panels []panel `json:"panels"`
	}
	if err := read(&dashboard, root, "config", "grafana", "conference-operator.json"); err != nil {
		t.Fatal(err)
	}
	if dashboard.UID == "" {
		t.Error("without a uid, links to the dashboard change with each import")
	}
	for i, p := range dashboard.Panels {
		if p.Grid.W == 0 || p.Grid.H == 0 || p.Grid.X+p.Grid.W > 24 {
			t.Errorf("%s is at %+v", p.Title, p.Grid)
		}
		for _, other := range dashboard.Panels[:i] {
			if p.ID == other.ID || p.overlaps(other) {
				t.Errorf("%s and %s have one place or one id", p.Title, other.Title)
			}
		}
		if p.Type != "row" && (p.Description == "" || p.Datasource.UID != "${datasource}") {
			t.Errorf("%s: description %q, data source %q", p.Title, p.Description, p.Datasource.UID)
		}
	}
}
