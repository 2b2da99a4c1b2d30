{{/* Short, since the longest name made of it, NAME-postgres, may have 52 characters as a StatefulSet. */}}
{{- define "report-qa.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 43 | trimSuffix "-" -}}
{{- else if contains .Chart.Name .Release.Name -}}
{{- .Release.Name | trunc 43 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 43 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* Takes root and component. */}}
{{- define "report-qa.selectorLabels" -}}
app.kubernetes.io/name: {{ .root.Chart.Name }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end -}}

{{- define "report-qa.labels" -}}
{{ include "report-qa.selectorLabels" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "report-qa.secretName" -}}
{{- .Values.existingSecret | default (include "report-qa.fullname" .) -}}
{{- end -}}

{{/* YAML reads an unquoted `on` and `off` as truth values. */}}
{{- define "report-qa.keys" -}}
{{- if kindIs "bool" .Values.keys -}}{{ ternary "on" "off" .Values.keys }}{{- else -}}{{ .Values.keys }}{{- end -}}
{{- end -}}

{{- define "report-qa.databaseHost" -}}
{{- if .Values.bundled.postgres.enabled -}}
{{- if .Values.database.host -}}
{{- fail "database.host and bundled.postgres.enabled exclude each other: set database.host for a Postgres of your own, or bundled.postgres.enabled=true for one of this release" -}}
{{- end -}}
{{- include "report-qa.fullname" . }}-postgres
{{- else -}}
{{- $host := required "database.host is missing: set it to the host name of your Postgres, or set bundled.postgres.enabled=true for one of this release" .Values.database.host -}}
{{- if or (contains "/" $host) (contains "@" $host) -}}
{{- fail (printf "database.host is %q: give the host name alone; database.user, database.port, database.name and database.options are values of their own" $host) -}}
{{- end -}}
{{- $host -}}
{{- end -}}
{{- end -}}

{{/* Without the password: libpq takes that from PGPASSWORD, where no character of it needs escaping. */}}
{{- define "report-qa.databaseUrl" -}}
{{- $database := .Values.database -}}
{{- $port := ternary 5432 (int $database.port) .Values.bundled.postgres.enabled -}}
postgresql://{{ $database.user | urlquery }}@{{ include "report-qa.databaseHost" . }}:{{ $port }}/{{ $database.name }}
{{- with $database.options }}?{{ . }}{{ end -}}
{{- end -}}

{{- define "report-qa.chromaUrl" -}}
{{- if .Values.bundled.chroma.enabled -}}
{{- if .Values.chroma.url -}}
{{- fail "chroma.url and bundled.chroma.enabled exclude each other: set chroma.url for a Chroma server of your own, or bundled.chroma.enabled=true for one of this release" -}}
{{- end -}}
http://{{ include "report-qa.fullname" . }}-chroma:8000
{{- else -}}
{{- required "chroma.url is missing: set it to the URL of your Chroma server, such as http://chroma:8000, or set bundled.chroma.enabled=true for one of this release" .Values.chroma.url -}}
{{- end -}}
{{- end -}}

{{/* Requests from inside the cluster name the Service, and browsers the Ingress. */}}
{{- define "report-qa.allowedHosts" -}}
{{- $name := include "report-qa.fullname" . -}}
{{- $inside := printf "%s.%s" $name .Release.Namespace -}}
{{- $hosts := list $name $inside (printf "%s.svc" $inside) (printf "%s.svc.cluster.local" $inside) -}}
{{- if .Values.ingress.enabled -}}{{- $hosts = concat $hosts .Values.ingress.hosts -}}{{- end -}}
{{- concat $hosts .Values.allowedHosts | uniq | join "," -}}
{{- end -}}

{{- define "report-qa.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}

{{/* Names what is wrong with the values as a whole, and the way out. */}}
{{- define "report-qa.check" -}}
{{- if and .Values.ingress.enabled (not .Values.ingress.hosts) -}}
{{- fail "ingress.hosts is empty: name the hosts under which people reach the service, such as ingress.hosts={reports.example}, or set ingress.enabled=false" -}}
{{- end -}}
{{- $outside := or .Values.ingress.enabled (ne .Values.service.type "ClusterIP") -}}
{{- if and $outside (eq (include "report-qa.keys" .) "off") (not .Values.allowWithoutKeys) -}}
{{- fail "keys=off lets everybody whom the Ingress or the Service lets in ask, read and delete everything: set keys=on, or, where something in front of it decides who may come in, allowWithoutKeys=true" -}}
{{- end -}}
{{- if and .Values.existingSecret (or .Values.database.password .Values.llmApiKey .Values.embedderApiKey) -}}
{{- fail "existingSecret is used in place of database.password, llmApiKey and embedderApiKey: leave these empty, or leave existingSecret empty" -}}
{{- end -}}
{{- if and .Values.existingSecret (contains "@" .Values.chroma.url) -}}
{{- fail "existingSecret is used in place of a login in chroma.url: put the whole URL into that Secret as QA_CHROMA_URL, and leave the login out of chroma.url" -}}
{{- end -}}
{{- $stopping := add .Values.api.preStopSeconds 8 -}} {{- /* GRACE_SECONDS and FLUSH_SECONDS of qa/api/http_server.py */ -}}
{{- if le (int .Values.api.terminationGracePeriodSeconds) (int $stopping) -}}
{{- fail (printf "api.terminationGracePeriodSeconds is %d, and a server is killed before its answers are sent: set it to more than api.preStopSeconds and 8, which make %d" (int .Values.api.terminationGracePeriodSeconds) $stopping) -}}
{{- end -}}
{{- end -}}

{{/* What servers and workers have in common. Takes root, component, values, args and, optionally, more of the container. */}}
{{- define "report-qa.pod" -}}
{{- $root := .root -}}
metadata:
  labels:
    {{- include "report-qa.labels" . | nindent 4 }}
  annotations:
    # A pod reads its settings at its start: others are needed when they change.
    checksum/settings: {{ include (print $root.Template.BasePath "/configmap.yaml") $root | sha256sum }}
    checksum/secret: {{ include (print $root.Template.BasePath "/secret.yaml") $root | sha256sum }}
    {{- with $root.Values.podAnnotations }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  automountServiceAccountToken: false
  # The variables that they add would begin with QA_ in a release of that name, and an unknown setting is refused.
  enableServiceLinks: false
  terminationGracePeriodSeconds: {{ .values.terminationGracePeriodSeconds }}
  securityContext:
    {{- toYaml $root.Values.podSecurityContext | nindent 4 }}
  {{- with $root.Values.image.pullSecrets }}
  imagePullSecrets:
    {{- range . }}
    - name: {{ . }}
    {{- end }}
  {{- end }}
  containers:
    - name: {{ .component }}
      image: {{ include "report-qa.image" $root | quote }}
      imagePullPolicy: {{ $root.Values.image.pullPolicy }}
      args: {{ toJson .args }}
      envFrom:
        - configMapRef:
            name: {{ include "report-qa.fullname" $root }}
      env:
        - name: PGPASSWORD
          valueFrom:
            secretKeyRef:
              name: {{ include "report-qa.secretName" $root }}
              key: POSTGRES_PASSWORD
        {{- range list "QA_LLM_API_KEY" "QA_EMBEDDER_API_KEY" "QA_CHROMA_URL" }} {{- /* over the ConfigMap's */}}
        - name: {{ . }}
          valueFrom:
            secretKeyRef:
              name: {{ include "report-qa.secretName" $root }}
              key: {{ . }}
              optional: true
        {{- end }}
      {{- with .more }}
      {{- . | nindent 6 }}
      {{- end }}
      securityContext:
        {{- include "report-qa.confined" . | nindent 8 }}
      resources:
        {{- toYaml .values.resources | nindent 8 }}
      volumeMounts:
        - name: data
          mountPath: /data
        - name: tmp
          mountPath: /tmp
        {{- with $root.Values.extraVolumeMounts }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
  volumes:
    - name: data
      emptyDir:
        sizeLimit: {{ $root.Values.storage.data }}
    - name: tmp
      emptyDir:
        sizeLimit: {{ $root.Values.storage.tmp }}
    {{- with $root.Values.extraVolumes }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  # Apart, so that one node's end is not the service's; but rather together than not at all.
  topologySpreadConstraints:
    - maxSkew: 1
      topologyKey: kubernetes.io/hostname
      whenUnsatisfiable: ScheduleAnyway
      labelSelector:
        matchLabels:
          {{- include "report-qa.selectorLabels" . | nindent 10 }}
  {{- with $root.Values.nodeSelector }}
  nodeSelector:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $root.Values.tolerations }}
  tolerations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $root.Values.affinity }}
  affinity:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end -}}

{{- define "report-qa.confined" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}

{{/* A store of this release: Service, StatefulSet, NetworkPolicy. Takes root, component, values, port, user, data, env and probe. */}}
{{- define "report-qa.store" -}}
{{- $root := .root -}}
{{- $name := printf "%s-%s" (include "report-qa.fullname" $root) .component -}}
apiVersion: v1
kind: Service
metadata:
  name: {{ $name }}
  labels:
    {{- include "report-qa.labels" . | nindent 4 }}
spec:
  ports:
    - name: {{ .component }}
      port: {{ .port }}
      targetPort: {{ .component }}
  selector:
    {{- include "report-qa.selectorLabels" . | nindent 4 }}
---
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: {{ $name }}
  labels:
    {{- include "report-qa.labels" . | nindent 4 }}
spec:
  replicas: 1
  serviceName: {{ $name }}
  selector:
    matchLabels:
      {{- include "report-qa.selectorLabels" . | nindent 6 }}
  template:
    metadata:
      labels: # without versions of the chart: a store isn't started anew for another
        {{- include "report-qa.selectorLabels" . | nindent 8 }}
    spec:
      automountServiceAccountToken: false
      enableServiceLinks: false
      terminationGracePeriodSeconds: 60
      securityContext:
        runAsNonRoot: true
        runAsUser: {{ .user }}
        runAsGroup: {{ .user }}
        fsGroup: {{ .user }}
        fsGroupChangePolicy: OnRootMismatch
        seccompProfile: {type: RuntimeDefault}
      {{- with $root.Values.image.pullSecrets }}
      imagePullSecrets:
        {{- range . }}
        - name: {{ . }}
        {{- end }}
      {{- end }}
      containers:
        - name: {{ .component }}
          image: {{ .values.image | quote }}
          imagePullPolicy: {{ $root.Values.image.pullPolicy }}
          ports:
            - name: {{ .component }}
              containerPort: {{ .port }}
          env:
            {{- .env | nindent 12 }}
          startupProbe:
            {{- .probe | nindent 12 }}
            periodSeconds: 2
            timeoutSeconds: 5
            failureThreshold: 150
          readinessProbe:
            {{- .probe | nindent 12 }}
            periodSeconds: 5
            timeoutSeconds: 5
          livenessProbe:
            {{- .probe | nindent 12 }}
            periodSeconds: 15
            timeoutSeconds: 5
            failureThreshold: 6
          securityContext:
            {{- include "report-qa.confined" . | nindent 12 }}
          resources:
            {{- toYaml .values.resources | nindent 12 }}
          volumeMounts:
            - name: data
              mountPath: {{ .data }}
            {{- range $volume, $path := .scratch }}
            - name: {{ $volume }}
              mountPath: {{ $path }}
            {{- end }}
      volumes:
        {{- range $volume, $path := .scratch }}
        - name: {{ $volume }}
          emptyDir: {}
        {{- end }}
      {{- with $root.Values.nodeSelector }}
      nodeSelector:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with $root.Values.tolerations }}
      tolerations:
        {{- toYaml . | nindent 8 }}
      {{- end }}
  volumeClaimTemplates:
    - metadata:
        name: data
      spec:
        accessModes: [ReadWriteOnce]
        {{- with .values.storageClass }}
        storageClassName: {{ . }}
        {{- end }}
        resources:
          requests:
            storage: {{ .values.storage }}
---
# From this release's servers and workers, and nowhere to: as the internal network of compose.yaml.
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: {{ $name }}
  labels:
    {{- include "report-qa.labels" . | nindent 4 }}
spec:
  podSelector:
    matchLabels:
      {{- include "report-qa.selectorLabels" . | nindent 6 }}
  policyTypes: [Ingress, Egress]
  ingress:
    - from:
        - podSelector:
            matchLabels:
              app.kubernetes.io/name: {{ $root.Chart.Name }}
              app.kubernetes.io/instance: {{ $root.Release.Name }}
            matchExpressions:
              - key: app.kubernetes.io/component
                operator: In
                values: [api, worker]
      ports:
        - protocol: TCP
          port: {{ .port }}
  egress: []
{{- end -}}
