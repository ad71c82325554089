package edit

import (
	"errors"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Explain makes a RefusedError of an error of the API server that says that another manager
// owns a field; any other error stays as it is. It is for writers that came between.
func Explain(err error) error {
	var status apierrors.APIStatus
	if !apierrors.IsConflict(err) || !errors.As(err, &status) || status.Status().Details == nil {
		return err
	}
	var fields []string
	for _, cause := range status.Status().Details.Causes {
		if cause.Type == metav1.CauseTypeFieldManagerConflict {
			fields = append(fields, cause.Field+" ("+cause.Message+")")
		}
	}
	if len(fields) == 0 {
		return err
	}
	return Refuse("Another manager owns %s, and would undo the change. Change it there, or take it over with --force.", strings.Join(fields, "; "))
}
