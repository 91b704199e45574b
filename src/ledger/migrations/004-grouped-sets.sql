-- Sets may be told apart by tags and paths too: sorted, as JSON; '' where they are not. Made anew from the snapshots.
DROP TABLE backup_set;
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
INSERT INTO backup_set
  SELECT repository, host, user_name, '', '', snapshots, id, taken_at, first_seen, size_bytes, files, -1
  FROM (
    SELECT repository, host, user_name, id, taken_at, first_seen, size_bytes, files,
      count(*) OVER (PARTITION BY repository, host, user_name) AS snapshots,
      row_number() OVER (PARTITION BY repository, host, user_name ORDER BY taken_at DESC, id DESC) AS place
    FROM snapshot
    WHERE gone_at IS NULL
  ) AS ranked
  WHERE place = 1;

-- The newest of a set, those that are gone included: how often it gets one.
CREATE INDEX snapshot_taken ON snapshot (repository, host, user_name, taken_at);
