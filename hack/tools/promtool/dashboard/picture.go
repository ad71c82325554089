package main

import (
	"fmt"
	"html"
	"maps"
	"math"
	"slices"
	"strings"
	"time"
)

const (
	// unitX and unitY are the pixels of a unit of Grafana's grid; margin is inside a panel.
	unitX, unitY, margin = 50.0, 26.0, 8.0
	// head is the height of a panel's title, foot the space below a time series, and row
	// the height of each row of its legend.
	head, foot, row = 22.0, 17.0, 13.0
	// gutter is the width of the numbers beside a time series.
	gutter = 46.0
)

// picture is an SVG that grows. All panels show the same time.
type picture struct {
	concat

	start, end time.Time
}

// newPicture begins a picture of a dashboard.
func newPicture(board dashboard, start, end time.Time) *picture {
	height := 0.0
	for _, p := range board.Panels {
		height = max(height, (p.GridPos.Y+p.GridPos.H)*unitY)
	}
	picture := &picture{start: start, end: end}
	picture.printf(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %.0f %.0f" font-family="DejaVu Sans, sans-serif" font-size="11">`+"\n",
		24*unitX, height)
	picture.printf("<title>%s</title>\n"+`<rect width="100%%" height="100%%" fill="#f4f5f5"/>`+"\n", html.EscapeString(board.Title))
	return picture
}

// bytes ends the picture.
func (c *picture) bytes() []byte {
	c.printf("</svg>\n")
	return c.Bytes()
}

// text writes a line.
func (c *picture) text(x, y float64, style, line string) {
	c.printf(`<text x="%.1f" y="%.1f" %s>%s</text>`+"\n", x, y, style, html.EscapeString(line))
}

// draw draws a panel with what its queries have found.
func (c *picture) draw(p panel, found []points) {
	x, y, w, h := p.GridPos.X*unitX, p.GridPos.Y*unitY, p.GridPos.W*unitX, p.GridPos.H*unitY
	if p.Type == "row" {
		c.text(x+margin, y+h*0.7, `font-weight="bold" font-size="14"`, p.Title)
		return
	}
	c.printf(`<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" fill="#fff" stroke="#ddd" rx="2"/>`+"\n", x+2, y+2, w-4, h-4)
	c.text(x+margin, y+17, `font-weight="bold"`, p.Title)
	inner := box{x + margin, y + head, w - 2*margin, h - head - margin}
	switch {
	case len(found) == 0:
		c.text(x+w/2, y+h/2+5, `text-anchor="middle" fill="#999"`, "No data")
	case p.Type == "stat":
		c.stat(inner, p, found[0])
	case p.Type == "table":
		c.table(inner, found)
	default:
		c.series(inner, p, found)
	}
}

// box is an area.
type box struct{ x, y, w, h float64 }

// stat draws a value, and how it was before.
func (c *picture) stat(b box, p panel, found points) {
	last := found.Value[len(found.Value)-1]
	c.text(b.x+b.w/2, b.y+b.h*0.55, fmt.Sprintf(`text-anchor="middle" font-size="26" fill="%s"`, colourOf(p, last)), format(last, p.FieldConfig.Defaults.Unit))
	c.line(box{b.x, b.y + b.h*0.65, b.w, b.h * 0.35}, found, highest([]points{found}, false), nil, colourOf(p, last))
}

// colourOf is that of the last threshold that a value reaches.
func colourOf(p panel, value float64) (colour string) {
	for _, step := range p.FieldConfig.Defaults.Thresholds.Steps {
		if step.Value == nil || value >= *step.Value {
			colour = step.Color
		}
	}
	return colour
}

// table draws the labels of each series in a row.
func (c *picture) table(b box, found []points) {
	for i, f := range found {
		for column, name := range slices.Sorted(maps.Keys(f.Labels)) {
			x := b.x + float64(column)*b.w/float64(len(f.Labels))
			if i == 0 {
				c.text(x, b.y+12, `fill="#666"`, name)
			}
			c.text(x, b.y+32+float64(i)*18, "", f.Labels[name])
		}
	}
}

// series draws lines over time, one above the other if the panel stacks them.
func (c *picture) series(b box, p panel, found []points) {
	palette := []string{"#2f7ed8", "#f28f43", "#1aaf5d", "#c42525", "#8e44ad", "#b8a900", "#16a2b8", "#e377c2", "#7f7f7f", "#0d233a"}
	stack := p.FieldConfig.Defaults.Custom.Stacking.Mode == "normal"
	legend := c.legend(b, found, palette)
	plot := box{b.x + gutter, b.y + 4, b.w - gutter, b.h - legend - foot - 4}
	top := highest(found, stack)
	for i := range 5 {
		value := top * float64(i) / 4
		y := plot.y + plot.h*(1-float64(i)/4)
		c.printf(`<path d="M%.1f %.1fh%.1f" stroke="#eee"/>`+"\n", plot.x, y, plot.w)
		c.text(plot.x-4, y+4, `text-anchor="end" fill="#666" font-size="10"`, format(value, p.FieldConfig.Defaults.Unit))
	}
	below := map[int64]float64{}
	for i, f := range found {
		base := below
		if !stack {
			base = nil
		}
		c.line(plot, f, top, base, palette[i%len(palette)])
	}
}

// legend names all series at the bottom of an area, in columns, and returns its height.
func (c *picture) legend(b box, found []points, palette []string) (height float64) {
	width := 0.0
	for _, f := range found {
		width = max(width, 22+6.2*float64(len(f.Legend)))
	}
	columns := max(int(b.w/width), 1)
	rows := (len(found) + columns - 1) / columns
	for i, f := range found {
		x, y := b.x+float64(i%columns)*width, b.y+b.h-row*float64(rows-1-i/columns)
		c.printf(`<rect x="%.1f" y="%.1f" width="9" height="3" fill="%s"/>`+"\n", x, y-10, palette[i%len(palette)])
		c.text(x+12, y-5, `fill="#444" font-size="10"`, f.Legend)
	}
	return row * float64(rows)
}

// line draws the values of a series; below is what it is stacked on, to which it is added.
// A gap of three steps ends a stroke.
func (c *picture) line(b box, f points, top float64, below map[int64]float64, colour string) {
	var path strings.Builder
	span := max(c.end.Sub(c.start).Seconds(), 1)
	var last time.Time
	for i, value := range f.Value {
		if math.IsNaN(value) {
			continue
		}
		at := f.At[i].UnixMilli()
		if below != nil {
			below[at] += value
			value = below[at]
		}
		move := "L"
		if last.IsZero() || f.At[i].Sub(last) > 3*step {
			move = "M"
		}
		last = f.At[i]
		fmt.Fprintf(&path, "%s%.0f %.1f", move, b.x+b.w*f.At[i].Sub(c.start).Seconds()/span, b.y+b.h*(1-min(value/max(top, 1e-9), 1)))
	}
	c.printf(`<path d="%s" fill="none" stroke="%s" stroke-width="1.3"/>`+"\n", path.String(), colour)
}

// highest is what the highest line needs.
func highest(found []points, stack bool) (top float64) {
	sums := map[int64]float64{}
	for _, f := range found {
		for i, value := range f.Value {
			if math.IsNaN(value) {
				continue
			}
			if stack {
				sums[f.At[i].UnixMilli()] += value
				value = sums[f.At[i].UnixMilli()]
			}
			top = max(top, value)
		}
	}
	return nice(top)
}

// nice is the next number above that a person would write on an axis.
func nice(top float64) float64 {
	if top <= 0 {
		return 1
	}
	unit := math.Pow(10, math.Floor(math.Log10(top)))
	for _, factor := range []float64{1, 2, 4, 5, 8, 10} {
		if top <= factor*unit {
			return factor * unit
		}
	}
	return top
}

// format writes a value in a unit of Grafana.
func format(value float64, unit string) string {
	switch unit {
	case "percentunit":
		return fmt.Sprintf("%.0f %%", 100*value)
	case "bytes":
		return fmt.Sprintf("%.0f MiB", value/(1<<20))
	case "s":
		if value < 1 {
			return fmt.Sprintf("%.4g ms", 1000*value)
		}
		return fmt.Sprintf("%.4g s", value)
	}
	return fmt.Sprintf("%.4g", value)
}
