-- What a snapshot says beside what is looked for: its zone, its end, its parent, what it was first, what its backup did. JSON.
CREATE TABLE snapshot_detail (
  repository TEXT NOT NULL,
  id TEXT NOT NULL,
  detail TEXT NOT NULL,
  crc BIGINT NOT NULL,
  PRIMARY KEY (repository, id)
);

-- Changes of a repository's history that no ordinary life explains. One stays open until a person settles it.
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
CREATE UNIQUE INDEX finding_subject ON finding (repository, kind, subject);
CREATE INDEX finding_open ON finding (repository) WHERE settled_at IS NULL;
