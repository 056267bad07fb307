{{- define "countersign.name" -}}
{{- if contains "countersign" .Release.Name -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-countersign" .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "countersign.chosen" -}}
app.kubernetes.io/name: countersign
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "countersign.labels" -}}
{{ include "countersign.chosen" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end -}}

{{/* The secret with what opens the buckets; nothing where there are none. */}}
{{- define "countersign.buckets" -}}
{{- $recordings := .recordings | default dict -}}
{{- $backups := .backups | default dict -}}
{{- if and $recordings.place $backups.place $backups.secret (ne $recordings.secret $backups.secret) -}}
{{- fail "backups.secret has to be recordings.secret, or empty: one pair of keys opens both buckets" -}}
{{- end -}}
{{- if $recordings.place -}}
{{- $recordings.secret -}}
{{- else if $backups.place -}}
{{- $backups.secret | default $recordings.secret -}}
{{- end -}}
{{- end -}}

{{/* The pod of a server or a worker, but for its container's own part: (dict "all" $ "component" … "container" …). */}}
{{- define "countersign.pod" -}}
{{- $values := .all.Values -}}
metadata:
  labels:
    {{- include "countersign.labels" .all | nindent 4 }}
    app.kubernetes.io/component: {{ .component }}
  annotations:
    # Settings that change start the pods anew.
    checksum/settings: {{ include (print .all.Template.BasePath "/configmap.yaml") .all | sha256sum }}
    {{- with $values.podAnnotations }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  serviceAccountName: {{ include "countersign.name" .all }}
  automountServiceAccountToken: false
  terminationGracePeriodSeconds: 30
  {{- with $values.imagePullSecrets }}
  imagePullSecrets:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  securityContext:
    runAsNonRoot: true
    runAsUser: 10001
    runAsGroup: 10001
    fsGroup: 10001
    seccompProfile:
      {{- toYaml $values.seccompProfile | nindent 6 }}
  containers:
    - name: {{ .component }}
      image: "{{ $values.image.repository }}:{{ $values.image.tag | default .all.Chart.AppVersion }}"
      imagePullPolicy: {{ $values.image.pullPolicy }}
      securityContext:
        allowPrivilegeEscalation: false
        readOnlyRootFilesystem: true
        capabilities:
          drop: [ALL]
      env:
        - name: COUNTERSIGN_CONFIG
          value: /etc/countersign/config.toml
        - name: COUNTERSIGN_ADDRESS
          value: {{ $values.address | quote }}
        - name: COUNTERSIGN_DATABASE
          valueFrom:
            secretKeyRef:
              name: {{ $values.database.secret }}
              key: {{ $values.database.key }}
        {{- with $values.recordings }}
        {{- if .place }}
        - name: COUNTERSIGN_RECORDINGS
          value: {{ .place | quote }}
        - name: COUNTERSIGN_RECORDINGS_REGION
          value: {{ .region | quote }}
        {{- with .endpoint }}
        - name: COUNTERSIGN_RECORDINGS_ENDPOINT
          value: {{ . | quote }}
        {{- end }}
        {{- end }}
        {{- end }}
        {{- with $values.backups }}
        {{- if .place }}
        - name: COUNTERSIGN_BACKUPS
          value: {{ .place | quote }}
        - name: COUNTERSIGN_BACKUPS_REGION
          value: {{ .region | quote }}
        - name: COUNTERSIGN_BACKUPS_EVERY
          value: {{ .every | quote }}
        {{- with .endpoint }}
        - name: COUNTERSIGN_BACKUPS_ENDPOINT
          value: {{ . | quote }}
        {{- end }}
        {{- end }}
        {{- end }}
        {{- with include "countersign.buckets" $values }}
        {{- $secret := . }}
        {{- range list "AWS_ACCESS_KEY_ID" "AWS_SECRET_ACCESS_KEY" }}
        - name: {{ . }}
          valueFrom:
            secretKeyRef:
              name: {{ $secret }}
              key: {{ . }}
        {{- end }}
        {{- end }}
      {{- .container | nindent 6 }}
      volumeMounts:
        - name: settings
          mountPath: /etc/countersign
          readOnly: true
        - name: key
          mountPath: /run/secrets/countersign
          readOnly: true
        - name: data
          mountPath: /var/lib/countersign
        - name: tmp
          mountPath: /tmp
  volumes:
    - name: settings
      configMap:
        name: {{ include "countersign.name" .all }}
    - name: key
      secret:
        secretName: {{ $values.vaultKey.secret }}
        defaultMode: 0440
        items:
          - key: {{ $values.vaultKey.key }}
            path: vault.key
    - name: data
      emptyDir: {}
    - name: tmp
      emptyDir: {}
  {{- with $values.nodeSelector }}
  nodeSelector:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $values.tolerations }}
  tolerations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $values.affinity }}
  affinity:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end -}}
