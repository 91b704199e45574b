-- One row a backup set, kept in step with its snapshots. Rows that a migration derives carry -1 until they are sealed.
CREATE TABLE backup_set (
  repository TEXT NOT NULL,
  host TEXT NOT NULL,
  user_name TEXT NOT NULL,
  snapshots BIGINT NOT NULL,
  newest_id TEXT NOT NULL,
  newest_at BIGINT NOT NULL,
  newest_seen BIGINT NOT NULL,
  size_bytes BIGINT,
  files BIGINT,
  crc BIGINT NOT NULL,
  PRIMARY KEY (repository, host, user_name)
);
INSERT INTO backup_set
  SELECT repository, host, user_name, snapshots, id, taken_at, first_seen, size_bytes, files, -1
  FROM (
    SELECT repository, host, user_name, id, taken_at, first_seen, size_bytes, files,
      count(*) OVER (PARTITION BY repository, host, user_name) AS snapshots,
      row_number() OVER (PARTITION BY repository, host, user_name ORDER BY taken_at DESC, id DESC) AS place
    FROM snapshot
    WHERE gone_at IS NULL
  ) AS ranked
  WHERE place = 1;

-- When something about a repository (job: '') or a job's runs in it changed last, counted by `change_count`.
-- `seen`: a digest of the ids the last reading saw, where the snapshots above are exactly those.
CREATE TABLE repository_change (
  repository TEXT NOT NULL,
  job TEXT NOT NULL,
  sequence BIGINT NOT NULL,
  seen TEXT,
  PRIMARY KEY (repository, job)
);
CREATE INDEX repository_change_by_sequence ON repository_change (sequence);
INSERT INTO repository_change
  SELECT repository, '', 1, NULL
  FROM (SELECT repository FROM snapshot UNION SELECT repository FROM reading UNION SELECT repository FROM run) AS known;
INSERT INTO repository_change SELECT DISTINCT repository, job, 1, NULL FROM run WHERE job <> '';

-- One row: updating it makes changes of several processes take turns, so that their order is that of their commits.
CREATE TABLE change_count (
  only INTEGER PRIMARY KEY,
  sequence BIGINT NOT NULL
);
INSERT INTO change_count VALUES (1, 1);

CREATE INDEX run_newest ON run (repository, job, operation, outcome, started_at);
CREATE INDEX run_total_by_repository ON run_total (repository);
CREATE INDEX reading_with_size ON reading (repository, started_at) WHERE size_bytes IS NOT NULL;
CREATE INDEX snapshot_gone ON snapshot (gone_at) WHERE gone_at IS NOT NULL;
