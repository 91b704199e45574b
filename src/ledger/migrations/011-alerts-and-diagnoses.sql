-- Bodies whose senders were told that they are kept; what they say is sorted afterwards, and then the body goes.
-- The body has a checksum of its own, which is part of the seal.
CREATE TABLE intake (
  number BIGINT PRIMARY KEY,
  way TEXT NOT NULL,
  received_at BIGINT NOT NULL,
  body BLOB NOT NULL,
  bytes BIGINT NOT NULL,
  body_crc BIGINT NOT NULL,
  crc BIGINT NOT NULL
);

-- The same alert told twice is one row: its key is what it is, when it began, and whether it is over.
CREATE TABLE alert (
  alert_key TEXT PRIMARY KEY,
  group_key TEXT NOT NULL,
  counts INTEGER NOT NULL,
  received_at BIGINT NOT NULL,
  facts TEXT NOT NULL,
  diagnosis TEXT,
  crc BIGINT NOT NULL
);
CREATE INDEX alert_by_time ON alert (received_at);
CREATE INDEX alert_of_diagnosis ON alert (diagnosis) WHERE diagnosis IS NOT NULL;

-- Counts outlive the rows they count.
CREATE TABLE alert_total (
  way TEXT NOT NULL,
  fate TEXT NOT NULL,
  alerts BIGINT NOT NULL,
  crc BIGINT NOT NULL,
  PRIMARY KEY (way, fate)
);

-- Alerts of one group, looked into together: from the first of them on, so that nothing in the waiting time is lost.
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
CREATE UNIQUE INDEX diagnosis_waiting ON diagnosis (group_key) WHERE state = 'waiting';
CREATE INDEX diagnosis_due ON diagnosis (due_at) WHERE state = 'waiting';
CREATE INDEX diagnosis_by_time ON diagnosis (opened_at);
CREATE INDEX diagnosis_of_group ON diagnosis (group_key, opened_at);

CREATE TABLE diagnosis_total (
  outcome TEXT NOT NULL,
  cause TEXT NOT NULL,
  diagnoses BIGINT NOT NULL,
  crc BIGINT NOT NULL,
  PRIMARY KEY (outcome, cause)
);
