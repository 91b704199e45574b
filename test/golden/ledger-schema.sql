CREATE TABLE alert (
  alert_key TEXT PRIMARY KEY,
  group_key TEXT NOT NULL,
  counts INTEGER NOT NULL,
  received_at BIGINT NOT NULL,
  facts TEXT NOT NULL,
  diagnosis TEXT,
  crc BIGINT NOT NULL
);

CREATE TABLE alert_total (
  way TEXT NOT NULL,
  fate TEXT NOT NULL,
  alerts BIGINT NOT NULL,
  crc BIGINT NOT NULL,
  PRIMARY KEY (way, fate)
);

CREATE TABLE backup_set (
  repository TEXT NOT NULL,
  host TEXT NOT NULL,
  user_name TEXT NOT NULL,
  tags TEXT NOT NULL,
  paths TEXT NOT NULL,
  snapshots BIGINT NOT NULL,
  newest_id TEXT NOT NULL,
  newest_at BIGINT NOT NULL,
  newest_seen BIGINT NOT NULL,
  size_bytes BIGINT,
  files BIGINT,
  crc BIGINT NOT NULL,
  PRIMARY KEY (repository, host, user_name, tags, paths)
);

CREATE TABLE change_count (
  only INTEGER PRIMARY KEY,
  sequence BIGINT NOT NULL
);

CREATE TABLE delivery (
  id TEXT PRIMARY KEY,
  notifier TEXT NOT NULL,
  message TEXT NOT NULL,
  made_at BIGINT NOT NULL,
  state TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  next_at BIGINT NOT NULL,
  claimed_until BIGINT,
  answer TEXT,
  problem TEXT,
  done_at BIGINT,
  instead_of TEXT,
  crc BIGINT NOT NULL
, parts TEXT, refusals INTEGER);

CREATE TABLE delivery_total (
  notifier TEXT NOT NULL,
  state TEXT NOT NULL,
  deliveries BIGINT NOT NULL,
  crc BIGINT NOT NULL,
  PRIMARY KEY (notifier, state)
);

CREATE TABLE diagnosis (
  id TEXT PRIMARY KEY,
  group_key TEXT NOT NULL,
  opened_at BIGINT NOT NULL,
  due_at BIGINT NOT NULL,
  state TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  claimed_until BIGINT,
  done_at BIGINT,
  finding TEXT,
  crc BIGINT NOT NULL
);

CREATE TABLE diagnosis_total (
  outcome TEXT NOT NULL,
  cause TEXT NOT NULL,
  diagnoses BIGINT NOT NULL,
  crc BIGINT NOT NULL,
  PRIMARY KEY (outcome, cause)
);

CREATE TABLE finding (
  number INTEGER PRIMARY KEY,
  repository TEXT NOT NULL,
  kind TEXT NOT NULL,
  subject TEXT NOT NULL,
  message TEXT NOT NULL,
  next TEXT NOT NULL,
  found_at BIGINT NOT NULL,
  settled_at BIGINT,
  note TEXT,
  crc BIGINT NOT NULL
);

CREATE TABLE incident (
  number BIGINT PRIMARY KEY,
  incident_key TEXT NOT NULL,
  facts TEXT NOT NULL,
  opened_at BIGINT NOT NULL,
  closed_at BIGINT,
  crc BIGINT NOT NULL
);

CREATE TABLE intake (
  number BIGINT PRIMARY KEY,
  way TEXT NOT NULL,
  received_at BIGINT NOT NULL,
  body BLOB NOT NULL,
  bytes BIGINT NOT NULL,
  body_crc BIGINT NOT NULL,
  crc BIGINT NOT NULL
);

CREATE TABLE intake_damaged (
  number BIGINT NOT NULL,
  way TEXT NOT NULL,
  received_at BIGINT NOT NULL,
  body BLOB NOT NULL,
  bytes BIGINT NOT NULL,
  body_crc BIGINT NOT NULL,
  crc BIGINT NOT NULL
);

CREATE TABLE lane (
  id TEXT PRIMARY KEY,
  repository TEXT NOT NULL,
  mode TEXT NOT NULL,
  purpose TEXT NOT NULL,
  owner TEXT NOT NULL,
  waiting INTEGER NOT NULL,
  since BIGINT NOT NULL,
  beat_at BIGINT NOT NULL
);

CREATE TABLE meta (
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL,
  crc BIGINT NOT NULL
);

CREATE TABLE push (
  target TEXT NOT NULL,
  place TEXT NOT NULL,
  push_key TEXT NOT NULL,
  job TEXT NOT NULL,
  method TEXT NOT NULL,
  body TEXT NOT NULL,
  made_at BIGINT NOT NULL,
  version BIGINT NOT NULL,
  state TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  next_at BIGINT NOT NULL,
  claimed_until BIGINT,
  kept_at BIGINT,
  kept_there BIGINT,
  answer TEXT,
  problem TEXT,
  crc BIGINT NOT NULL,
  PRIMARY KEY (target, place, push_key)
);

CREATE TABLE push_total (
  target TEXT NOT NULL,
  state TEXT NOT NULL,
  pushes BIGINT NOT NULL,
  crc BIGINT NOT NULL,
  PRIMARY KEY (target, state)
);

CREATE TABLE reading (
  id TEXT PRIMARY KEY,
  repository TEXT NOT NULL,
  started_at BIGINT NOT NULL,
  ended_at BIGINT NOT NULL,
  good INTEGER NOT NULL,
  problem TEXT,
  way TEXT NOT NULL,
  requests BIGINT,
  bytes BIGINT,
  snapshots BIGINT,
  locks TEXT,
  size_bytes BIGINT,
  tool_version TEXT,
  crc BIGINT NOT NULL
, cpu_ms DOUBLE PRECISION);

CREATE TABLE repository_change (
  repository TEXT NOT NULL,
  job TEXT NOT NULL,
  sequence BIGINT NOT NULL,
  seen TEXT,
  PRIMARY KEY (repository, job)
);

CREATE TABLE run (
  id TEXT PRIMARY KEY,
  round_id TEXT NOT NULL,
  job TEXT NOT NULL,
  repository TEXT NOT NULL,
  operation TEXT NOT NULL,
  "trigger" TEXT NOT NULL,
  scheduled_for BIGINT,
  started_at BIGINT NOT NULL,
  ended_at BIGINT,
  phase TEXT NOT NULL,
  outcome TEXT,
  exit_code INTEGER,
  problem TEXT,
  snapshot_id TEXT,
  counters TEXT,
  skipped TEXT,
  skipped_count INTEGER,
  tool_version TEXT,
  owner TEXT NOT NULL,
  child TEXT,
  crc BIGINT NOT NULL
, log TEXT);

CREATE TABLE run_total (
  job TEXT NOT NULL,
  repository TEXT NOT NULL,
  operation TEXT NOT NULL,
  outcome TEXT NOT NULL,
  runs BIGINT NOT NULL,
  crc BIGINT NOT NULL,
  PRIMARY KEY (job, repository, operation, outcome)
);

CREATE TABLE schedule_mark (
  task TEXT PRIMARY KEY,
  since BIGINT NOT NULL,
  handled BIGINT,
  crc BIGINT NOT NULL
);

CREATE TABLE snapshot (
  repository TEXT NOT NULL,
  id TEXT NOT NULL,
  taken_at BIGINT NOT NULL,
  host TEXT NOT NULL,
  user_name TEXT NOT NULL,
  tags TEXT NOT NULL,
  paths TEXT NOT NULL,
  size_bytes BIGINT,
  files BIGINT,
  program TEXT,
  first_seen BIGINT NOT NULL,
  gone_at BIGINT,
  crc BIGINT NOT NULL,
  PRIMARY KEY (repository, id)
);

CREATE TABLE snapshot_detail (
  repository TEXT NOT NULL,
  id TEXT NOT NULL,
  detail TEXT NOT NULL,
  crc BIGINT NOT NULL,
  PRIMARY KEY (repository, id)
);

CREATE TABLE space (
  repository TEXT NOT NULL,
  at BIGINT NOT NULL,
  way TEXT,
  free_bytes BIGINT,
  total_bytes BIGINT,
  free_blocks BIGINT,
  total_blocks BIGINT,
  block_bytes BIGINT,
  problem TEXT,
  crc BIGINT NOT NULL,
  PRIMARY KEY (repository, at)
);

CREATE TABLE told (
  notifier TEXT NOT NULL,
  incident BIGINT NOT NULL,
  event TEXT NOT NULL,
  told_at BIGINT NOT NULL,
  crc BIGINT NOT NULL
);

CREATE INDEX alert_by_time ON alert (received_at);

CREATE INDEX alert_of_diagnosis ON alert (diagnosis) WHERE diagnosis IS NOT NULL;

CREATE INDEX delivery_by_notifier ON delivery (notifier, state, made_at);

CREATE INDEX delivery_by_time ON delivery (made_at);

CREATE INDEX delivery_pending ON delivery (next_at) WHERE state = 'pending';

CREATE INDEX diagnosis_by_time ON diagnosis (opened_at);

CREATE INDEX diagnosis_due ON diagnosis (due_at) WHERE state = 'waiting';

CREATE INDEX diagnosis_of_group ON diagnosis (group_key, opened_at);

CREATE UNIQUE INDEX diagnosis_waiting ON diagnosis (group_key) WHERE state = 'waiting';

CREATE INDEX finding_open ON finding (repository) WHERE settled_at IS NULL;

CREATE UNIQUE INDEX finding_subject ON finding (repository, kind, subject);

CREATE INDEX incident_closed ON incident (closed_at);

CREATE UNIQUE INDEX incident_open ON incident (incident_key) WHERE closed_at IS NULL;

CREATE INDEX lane_by_repository ON lane (repository, since);

CREATE INDEX reading_by_repository ON reading (repository, good, started_at);

CREATE INDEX reading_with_size ON reading (repository, started_at) WHERE size_bytes IS NOT NULL;

CREATE INDEX repository_change_by_sequence ON repository_change (sequence);

CREATE INDEX run_by_job ON run (job, operation, started_at);

CREATE INDEX run_by_repository ON run (repository, operation, started_at);

CREATE INDEX run_by_time ON run (started_at);

CREATE UNIQUE INDEX run_instant ON run (repository, job, operation, scheduled_for) WHERE scheduled_for IS NOT NULL;

CREATE INDEX run_newest ON run (repository, job, operation, outcome, started_at);

CREATE INDEX run_open ON run (started_at) WHERE outcome IS NULL;

CREATE INDEX run_total_by_repository ON run_total (repository);

CREATE INDEX snapshot_by_set ON snapshot (repository, host, user_name, taken_at) WHERE gone_at IS NULL;

CREATE INDEX snapshot_gone ON snapshot (gone_at) WHERE gone_at IS NOT NULL;

CREATE INDEX snapshot_taken ON snapshot (repository, host, user_name, taken_at);

CREATE INDEX told_by_incident ON told (incident);

CREATE UNIQUE INDEX told_once ON told (notifier, incident, event) WHERE event <> 'reminder';
