{{- define "prp.name" -}}
{{- if contains .Chart.Name .Release.Name }}{{ .Release.Name | trunc 40 | trimSuffix "-" }}{{ else }}{{ printf "%s-%s" .Release.Name .Chart.Name | trunc 40 | trimSuffix "-" }}{{ end }}
{{- end }}

{{- /* Labels of one kind: (list root kind) */ -}}
{{- define "prp.labels" -}}
{{- $root := index . 0 -}}
app.kubernetes.io/name: {{ $root.Chart.Name }}
app.kubernetes.io/instance: {{ $root.Release.Name }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end }}

{{- /* The addresses of all that may run of one kind: (list root kind max port) */ -}}
{{- define "prp.urls" -}}
{{- $root := index . 0 -}}{{- $kind := index . 1 -}}{{- $port := index . 3 -}}
{{- $name := printf "%s-%s" (include "prp.name" $root) $kind -}}
{{- $urls := list -}}
{{- range $number := until (int (index . 2)) -}}
{{- $urls = append $urls (printf "http://%s-%d.%s:%v" $name $number $name $port) -}}
{{- end -}}
{{ join "," $urls }}
{{- end }}

{{- /* What all pods have in common, before their container: root */ -}}
{{- define "prp.pod" -}}
automountServiceAccountToken: false
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile: {type: RuntimeDefault}
{{- with .Values.pullSecrets }}
imagePullSecrets: {{ toJson . }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector: {{ toJson . }}
{{- end }}
{{- with .Values.tolerations }}
tolerations: {{ toJson . }}
{{- end }}
volumes:
  - name: clinic
    persistentVolumeClaim:
      claimName: {{ .Values.home.existingClaim | default (include "prp.name" .) }}
  - name: tmp
    emptyDir: {sizeLimit: 256Mi}
{{- end }}

{{- /* Spread one kind over the nodes: (list root kind) */ -}}
{{- define "prp.spread" -}}
topologySpreadConstraints:
  - maxSkew: 1
    topologyKey: kubernetes.io/hostname
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels: {{- include "prp.labels" . | nindent 8 }}
{{- end }}

{{- /* The container of one process: (list root kind) */ -}}
{{- define "prp.container" -}}
{{- $root := index . 0 -}}{{- $kind := index . 1 -}}{{- $values := $root.Values -}}
name: {{ $kind }}
image: "{{ $values.image.repository }}:{{ $values.image.tag | default $root.Chart.AppVersion }}"
imagePullPolicy: {{ $values.image.pullPolicy }}
args: [run, {{ $kind }}]
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: {drop: [ALL]}
volumeMounts:
  - {name: clinic, mountPath: /clinic}
  - {name: tmp, mountPath: /tmp}
resources: {{ toJson (index $values $kind).resources }}
env:
  - {name: HOST, value: "0.0.0.0"}
  - {name: PRP_HOME, value: /clinic}
  - name: PRP_DATABASE_URL
    valueFrom: {secretKeyRef: {name: {{ $values.secrets.name }}, key: database-url}}
  - name: PRP_REDIS_URL
    valueFrom: {secretKeyRef: {name: {{ $values.secrets.name }}, key: redis-url}}
  - name: PRP_SHARED_SECRET
    valueFrom: {secretKeyRef: {name: {{ $values.secrets.name }}, key: shared-secret}}
  - {name: PRP_RASA_URL, value: {{ include "prp.urls" (list $root "rasa" $values.rasa.max 5005) | quote }}}
  - {name: PRP_ACTIONS_URL, value: {{ include "prp.urls" (list $root "actions" $values.actions.max 5055) | quote }}}
  - {name: PRP_LOGS, value: {{ $values.logs | quote }}}
{{- if $values.metrics.enabled }}
  - {name: PRP_METRICS_PORT, value: {{ $values.metrics.port | quote }}}
  - {name: PRP_METRICS_HOST, value: "0.0.0.0"}
{{- end }}
{{- with $values.proxies }}
  - {name: PRP_PROXIES, value: {{ . | quote }}}
{{- end }}
{{- end }}

{{- /* Two of a kind at least while nodes are drained, and more when there is more to do: (list root kind workload) */ -}}
{{- define "prp.keeping" -}}
{{- $root := index . 0 -}}{{- $kind := index . 1 -}}{{- $own := index $root.Values $kind -}}
{{- $name := printf "%s-%s" (include "prp.name" $root) $kind -}}
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: {{ $name }}
  labels: {{- include "prp.labels" (list $root $kind) | nindent 4 }}
spec:
  maxUnavailable: 1
  selector:
    matchLabels: {{- include "prp.labels" (list $root $kind) | nindent 6 }}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: {{ $name }}
  labels: {{- include "prp.labels" (list $root $kind) | nindent 4 }}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: {{ index . 2 }}, name: {{ $name }}}
  minReplicas: {{ $own.min }}
  maxReplicas: {{ max $own.min $own.max }}
  metrics:
    - type: Resource
      resource:
        name: cpu
        target: {type: Utilization, averageUtilization: {{ $own.targetCpu }}}
  behavior:
    scaleDown: {stabilizationWindowSeconds: 600}
{{- end }}
