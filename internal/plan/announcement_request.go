package plan

import (
	"time"

	"github.com/voiceops/conference-operator/api/v1alpha1"
)

// AnnouncementRequest is an announcement as it is declared, for a participant or a
// whole conference, or another request that is carried out once for each id.
type AnnouncementRequest struct {
	// ID names the announcement; it is played at most once per id.
	ID string
	// URL and Method say what the provider plays; the method is POST if empty.
	URL, Method string
	// NotAfter is when it is too late; zero is never.
	NotAfter time.Time
	// RetryUnknown repeats a request that may or may not have been carried out.
	RetryUnknown bool
	// Harmless says that a request may be carried out twice: one that may or may not
	// have been is repeated as often as it takes, until NotAfter.
	Harmless bool
}

// RequestOf returns the request of a declared announcement, nil for none.
func RequestOf(declared *v1alpha1.Announcement) *AnnouncementRequest {
	if declared == nil {
		return nil
	}
	request := &AnnouncementRequest{
		ID: declared.ID, URL: string(declared.URL), Method: string(declared.Method),
		RetryUnknown: declared.OnUnknown == v1alpha1.UnknownRetry,
	}
	if declared.NotAfterTime != nil {
		request.NotAfter = declared.NotAfterTime.Time
	}
	return request
}

// Late reports whether it is too late for the request.
func (q *AnnouncementRequest) Late(now time.Time) bool {
	return !q.NotAfter.IsZero() && !now.Before(q.NotAfter)
}

// repeats reports whether a request is repeated that may have been carried out.
func (q *AnnouncementRequest) repeats(current *v1alpha1.AnnouncementStatus, now time.Time) bool {
	return q.Harmless ||
		q.RetryUnknown && current.Attempts < announceAttempts && now.Before(current.ClaimTime.Add(announceFor))
}
