-- Verdicts that are not fine, from when they opened to when they closed; one open at most of each key.
CREATE TABLE incident (
  number BIGINT PRIMARY KEY,
  incident_key TEXT NOT NULL,
  facts TEXT NOT NULL,
  opened_at BIGINT NOT NULL,
  closed_at BIGINT,
  crc BIGINT NOT NULL
);
CREATE UNIQUE INDEX incident_open ON incident (incident_key) WHERE closed_at IS NULL;
CREATE INDEX incident_closed ON incident (closed_at);

-- The outbox. A message is here before it is sent, and stays for whoever asks what became of it.
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
);
CREATE INDEX delivery_pending ON delivery (next_at) WHERE state = 'pending';
CREATE INDEX delivery_by_time ON delivery (made_at);
CREATE INDEX delivery_by_notifier ON delivery (notifier, state, made_at);

-- Who was told what of an incident; written together with the delivery, so that nothing is told twice or never.
CREATE TABLE told (
  notifier TEXT NOT NULL,
  incident BIGINT NOT NULL,
  event TEXT NOT NULL,
  told_at BIGINT NOT NULL,
  crc BIGINT NOT NULL
);
CREATE UNIQUE INDEX told_once ON told (notifier, incident, event) WHERE event <> 'reminder';
CREATE INDEX told_by_incident ON told (incident);

-- Counts outlive the rows they count.
CREATE TABLE delivery_total (
  notifier TEXT NOT NULL,
  state TEXT NOT NULL,
  deliveries BIGINT NOT NULL,
  crc BIGINT NOT NULL,
  PRIMARY KEY (notifier, state)
);
