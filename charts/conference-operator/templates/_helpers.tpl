{{/* name is the name of the application. */}}
{{- define "conference-operator.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{/* fullname is the prefix of every name: that of the release, with the application's
     unless it has it. At most 40 characters are left of it: the longest suffix has 23. */}}
{{- define "conference-operator.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" }}
{{- else }}
{{- $name := include "conference-operator.name" . }}
{{- if contains $name .Release.Name }}
{{- .Release.Name | trunc 40 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name $name | trunc 40 | trimSuffix "-" }}
{{- end }}
{{- end }}
{{- end }}

{{/* selectorLabels are what the Deployment, the Service, the budget and the network policy
     select by. */}}
{{- define "conference-operator.selectorLabels" -}}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/name: {{ include "conference-operator.name" . }}
{{- end }}

{{/* labels are those of every object. */}}
{{- define "conference-operator.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{ include "conference-operator.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{- define "conference-operator.serviceAccountName" -}}
{{- if .Values.serviceAccount.create }}
{{- default (include "conference-operator.fullname" .) .Values.serviceAccount.name }}
{{- else }}
{{- default "default" .Values.serviceAccount.name }}
{{- end }}
{{- end }}

{{/* subjects are those of every binding: the service account. */}}
{{- define "conference-operator.subjects" -}}
subjects:
- kind: ServiceAccount
  name: {{ include "conference-operator.serviceAccountName" . }}
  namespace: {{ .Release.Namespace }}
{{- end }}

{{- define "conference-operator.image" -}}
{{- if .Values.image.digest }}
{{- printf "%s@%s" .Values.image.repository .Values.image.digest }}
{{- else }}
{{- printf "%s:%s" .Values.image.repository (default .Chart.AppVersion .Values.image.tag) }}
{{- end }}
{{- end }}

{{/* keepCRDs is "true" if the CRDs stay when the release is uninstalled. */}}
{{- define "conference-operator.keepCRDs" -}}
{{- if kindIs "bool" .Values.crds.keep }}{{ .Values.crds.keep }}{{ else }}{{ not (empty .Values.watchNamespaces) }}{{ end }}
{{- end }}

{{/* metrics says where metrics are served: "nowhere", "localhost" or "everywhere". */}}
{{- define "conference-operator.metrics" -}}
{{- if not .Values.metrics.enabled }}nowhere
{{- else if and .Values.watchNamespaces (not .Values.metrics.authBinding) }}localhost
{{- else }}everywhere
{{- end }}
{{- end }}

{{/* tracing are the environment variables that say where traces go, and which. */}}
{{- define "conference-operator.tracing" -}}
- name: OTEL_EXPORTER_OTLP_ENDPOINT
  value: {{ .Values.tracing.endpoint | quote }}
{{- with .Values.tracing.headersSecret }}
{{- if .name }}
- name: OTEL_EXPORTER_OTLP_HEADERS
  valueFrom:
    secretKeyRef:
      name: {{ .name }}
      key: {{ .key }}
{{- end }}
{{- end }}
{{- with .Values.tracing.sampler }}
- name: OTEL_TRACES_SAMPLER
  value: {{ . }}
{{- end }}
{{- if ne (toString .Values.tracing.samplerArg) "" }}
- name: OTEL_TRACES_SAMPLER_ARG
  value: {{ .Values.tracing.samplerArg | quote }}
{{- end }}
{{- end }}

{{/* podSecurity and containerSecurity are what a namespace that enforces the profile
     "restricted" asks for. */}}
{{- define "conference-operator.podSecurity" -}}
runAsNonRoot: true
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{- define "conference-operator.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop:
  - ALL
{{- end }}

{{/* spread keeps the replicas of one revision apart. */}}
{{- define "conference-operator.spread" -}}
{{- $labels := include "conference-operator.selectorLabels" . }}
{{- range $key := list "kubernetes.io/hostname" "topology.kubernetes.io/zone" }}
- maxSkew: 1
  topologyKey: {{ $key }}
  whenUnsatisfiable: ScheduleAnyway
  labelSelector:
    matchLabels:
      {{- $labels | nindent 6 }}
  matchLabelKeys:
  - pod-template-hash
{{- end }}
{{- end }}
