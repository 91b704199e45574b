-- Looks at the room in the store of a repository, well or ill: exactly one of free_bytes and problem is there. Blocks as the
-- system counts them, where it does.
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
