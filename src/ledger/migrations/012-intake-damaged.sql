-- Bodies that were kept and cannot be read any more, as they are, until a person has looked at them. A number may come twice.
CREATE TABLE intake_damaged (
  number BIGINT NOT NULL,
  way TEXT NOT NULL,
  received_at BIGINT NOT NULL,
  body BLOB NOT NULL,
  bytes BIGINT NOT NULL,
  body_crc BIGINT NOT NULL,
  crc BIGINT NOT NULL
);
