-- What is handed on without being asked for, one row a group, file or receiver: the newest body, and whether it was taken.
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

-- Counts outlive the rows they count.
CREATE TABLE push_total (
  target TEXT NOT NULL,
  state TEXT NOT NULL,
  pushes BIGINT NOT NULL,
  crc BIGINT NOT NULL,
  PRIMARY KEY (target, state)
);
